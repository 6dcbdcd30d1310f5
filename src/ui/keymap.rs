//! Keys: what was pressed, how a key is written, and which command it means here.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::command::{COMMANDS, Command, Scope};

/// What was pressed, without the terminal's accidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    /// A letter, digit or sign.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// F1 to F12.
    F(u8),
}

/// A key with the modifiers that matter. Shift is part of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What was pressed.
    pub press: Press,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt (only text fields use it).
    pub alt: bool,
    /// With Shift, where the press itself does not say so (text fields use it to select).
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub fn plain(press: Press) -> Self {
        Self { press, ctrl: false, alt: false, shift: false }
    }

    /// From the terminal. Releases are not keys.
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let press = match event.code {
            KeyCode::Char(c) => Press::Char(c),
            KeyCode::Enter => Press::Enter,
            KeyCode::Esc => Press::Esc,
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Press::BackTab,
            KeyCode::Tab => Press::Tab,
            KeyCode::BackTab => Press::BackTab,
            KeyCode::Backspace => Press::Backspace,
            KeyCode::Delete => Press::Delete,
            KeyCode::Up => Press::Up,
            KeyCode::Down => Press::Down,
            KeyCode::Left => Press::Left,
            KeyCode::Right => Press::Right,
            KeyCode::PageUp => Press::PageUp,
            KeyCode::PageDown => Press::PageDown,
            KeyCode::Home => Press::Home,
            KeyCode::End => Press::End,
            KeyCode::F(n) => Press::F(n),
            _ => return None,
        };
        Some(Self {
            press,
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
            shift: event.modifiers.contains(KeyModifiers::SHIFT),
        })
    }

    /// Reads a key as the table writes it: `a`, `G`, `enter`, `ctrl-p`, `f2`.
    pub fn parse(text: &str) -> Option<Self> {
        let (ctrl, name) = text.strip_prefix("ctrl-").map_or((false, text), |rest| (true, rest));
        let press = match name {
            "enter" => Press::Enter,
            "esc" => Press::Esc,
            "tab" => Press::Tab,
            "backtab" => Press::BackTab,
            "backspace" => Press::Backspace,
            "delete" => Press::Delete,
            "up" => Press::Up,
            "down" => Press::Down,
            "left" => Press::Left,
            "right" => Press::Right,
            "pgup" => Press::PageUp,
            "pgdn" => Press::PageDown,
            "home" => Press::Home,
            "end" => Press::End,
            "space" => Press::Char(' '),
            _ => {
                let mut chars = name.chars();
                match (chars.next(), chars.as_str()) {
                    (Some(c), "") => Press::Char(c),
                    (Some('f'), number) => Press::F(number.parse().ok().filter(|n| (1..=12).contains(n))?),
                    _ => return None,
                }
            }
        };
        Some(Self { press, ctrl, alt: false, shift: false })
    }

    /// Whether it is the key that `written` names.
    fn is(self, written: Self) -> bool {
        let same = match (self.press, written.press) {
            (Press::Char(a), Press::Char(b)) if self.ctrl => a.eq_ignore_ascii_case(&b),
            (a, b) => a == b,
        };
        same && self.ctrl == written.ctrl && !self.alt
    }
}

/// How a key is shown to people: `Enter`, `Ctrl+P`, `F2`, `a`.
pub fn shown(text: &str) -> String {
    let (prefix, name) = text.strip_prefix("ctrl-").map_or(("", text), |rest| ("Ctrl+", rest));
    let name = match name {
        "enter" => "Enter".to_owned(),
        "esc" => "Esc".to_owned(),
        "tab" => "Tab".to_owned(),
        "backtab" => "Shift+Tab".to_owned(),
        "space" => "Space".to_owned(),
        "up" => "↑".to_owned(),
        "down" => "↓".to_owned(),
        "left" => "←".to_owned(),
        "right" => "→".to_owned(),
        "pgup" => "PgUp".to_owned(),
        "pgdn" => "PgDn".to_owned(),
        "home" => "Home".to_owned(),
        "end" => "End".to_owned(),
        other if !prefix.is_empty() || (other.len() > 1 && other.starts_with('f')) => other.to_uppercase(),
        other => other.to_owned(),
    };
    format!("{prefix}{name}")
}

/// Which command a key means in these scopes, the first scope first.
pub fn resolve(scopes: &[Scope], key: Key) -> Option<Command> {
    scopes.iter().find_map(|scope| {
        COMMANDS
            .iter()
            .filter(|spec| spec.scope == *scope)
            .find(|spec| spec.keys.iter().filter_map(|text| Key::parse(text)).any(|written| key.is(written)))
            .map(|spec| spec.command)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Scopes that are asked together with the lists and the global keys.
    fn screens() -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(|scope| !matches!(scope, Scope::Global | Scope::List | Scope::Form))
    }

    #[test]
    fn every_key_of_the_table_can_be_read_and_typed() {
        for spec in COMMANDS {
            for text in spec.keys {
                let key = Key::parse(text).unwrap_or_else(|| panic!("{} has a key nobody can read: {text}", spec.name));
                // Typeable on a UK and a Nordic keyboard without AltGr or Meta.
                if let Press::Char(c) = key.press {
                    assert!(c.is_ascii_alphanumeric() || "/?: ".contains(c), "{text} of {}", spec.name);
                }
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for scope in screens().chain([Scope::Form]) {
            let mut seen = HashMap::new();
            for spec in COMMANDS.iter().filter(|spec| spec.scope == scope) {
                for key in spec.keys {
                    assert_eq!(seen.insert(*key, spec.name), None, "{key} twice in {}", scope.title());
                }
            }
        }
    }

    #[test]
    fn a_screen_never_rebinds_what_works_everywhere() {
        for global in COMMANDS.iter().filter(|spec| spec.scope == Scope::Global) {
            for spec in COMMANDS.iter().filter(|spec| screens().any(|scope| scope == spec.scope)) {
                for key in global.keys {
                    assert!(!spec.keys.contains(key), "{} shadows {} on {key}", spec.name, global.name);
                }
            }
        }
    }

    #[test]
    fn names_are_unique_and_noun_dot_verb() {
        let mut seen = std::collections::HashSet::new();
        for spec in COMMANDS {
            assert!(seen.insert(spec.name), "{} twice", spec.name);
            assert_eq!(spec.name.split('.').count(), 2, "{}", spec.name);
            assert!(spec.doc.trim().ends_with('.') && !spec.title.is_empty(), "{}", spec.name);
        }
    }

    #[test]
    fn the_first_scope_wins() {
        let key = Key::parse("enter").unwrap();
        let found = resolve(&[Scope::Caseload, Scope::List, Scope::Global], key).unwrap();
        assert_eq!(found.spec().name, "caseload.open");
        assert_eq!(
            resolve(&[Scope::Caseload, Scope::List, Scope::Global], Key::parse("j").unwrap()).unwrap().spec().name,
            "list.down"
        );
        assert_eq!(resolve(&[Scope::Form], Key::parse("a").unwrap()), None);
    }
}
