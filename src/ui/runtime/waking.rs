//! What wakes the loop: the terminal, the system's signals, the folder of the file, and work that is done.

use crossbeam_channel::Sender;
use crossterm::event::{Event, MouseEventKind};
use notify::Watcher as _;

use crate::store::Reader;
use crate::ui::keymap::Key;
use crate::ui::msg::Msg;

/// What wakes the loop.
pub(super) enum Wake {
    /// An event of the terminal.
    Terminal(Event),
    /// Something was written beside the file.
    File,
    /// Work off this thread is done.
    Work,
    /// The system asks us to sleep.
    Suspend,
    /// The system asks us to go.
    Terminate,
}

/// What an event of the terminal means to the model.
pub(super) fn translate(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Key::from_event(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Msg::Wheel(3)),
            MouseEventKind::ScrollUp => Some(Msg::Wheel(-3)),
            _ => None,
        },
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// Two threads that wait for the terminal and for signals, and wake the loop.
#[allow(clippy::disallowed_methods, reason = "the runtime is the one place that has threads")]
pub(super) fn listen(sender: Sender<Wake>) {
    #[cfg(unix)]
    {
        let signals = sender.clone();
        if let Ok(mut caught) = signal_hook::iterator::Signals::new([
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTSTP,
        ]) {
            std::thread::spawn(move || {
                for signal in caught.forever() {
                    let asleep = signal == signal_hook::consts::SIGTSTP;
                    if signals.send(if asleep { Wake::Suspend } else { Wake::Terminate }).is_err() {
                        break;
                    }
                }
            });
        }
    }
    std::thread::spawn(move || {
        loop {
            match crossterm::event::read() {
                Ok(event) => {
                    if sender.send(Wake::Terminal(event)).is_err() {
                        break;
                    }
                }
                Err(_) => {
                    let _ = sender.send(Wake::Terminate);
                    break;
                }
            }
        }
    });
}

/// Watches the folder of the file by the system's own means. Where there are none, the next key or tick finds out.
pub(super) fn watch(reader: &Reader, sender: Sender<Wake>) -> Option<notify::RecommendedWatcher> {
    let path = reader.path().to_path_buf();
    let name = path.file_name()?.to_os_string();
    let folder = path.parent()?.to_path_buf();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let ours = |path: &std::path::PathBuf| {
            path.file_name().is_some_and(|seen| seen.to_string_lossy().starts_with(name.to_string_lossy().as_ref()))
        };
        if let Ok(event) = event
            && !matches!(event.kind, notify::EventKind::Access(_))
            && event.paths.iter().any(ours)
        {
            let _ = sender.send(Wake::File);
        }
    })
    .ok()?;
    watcher.watch(&folder, notify::RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}
