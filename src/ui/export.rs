//! Documents that leave by way of the screen. The documents themselves are made in `exchange/output`.

use crate::clock::Clock;
use crate::store::{Reader, Store};

use super::effect::Export;
use super::model::Model;
use super::msg::Msg;

/// Writes a document beside the file and says where it went.
pub(super) fn perform(_store: &mut Store, _reader: &Reader, _model: &Model, _clock: &Clock, _export: &Export) -> Msg {
    Msg::Trouble("Not in this build.".to_owned())
}
