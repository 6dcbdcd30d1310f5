//! Styles by meaning. Colour never stands alone: what it says is also said by a word, a letter or a shape.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::band::Band;

words! {
    /// A set of colours.
    ThemeName {
        /// For dark terminals.
        Dark = "dark", "dark";
        /// For light terminals.
        Light = "light", "light";
        /// Strong contrast.
        Contrast = "contrast", "high contrast";
        /// No colours: bold and reverse only. `NO_COLOR` chooses it.
        Mono = "mono", "no colours";
    }
}

/// The styles of one set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    name: ThemeName,
}

impl Theme {
    /// The set of this name.
    pub fn new(name: ThemeName) -> Self {
        Self { name }
    }

    /// Its name.
    pub fn name(self) -> ThemeName {
        self.name
    }

    fn ink(self, dark: Color, light: Color) -> Style {
        match self.name {
            ThemeName::Dark => Style::new().fg(dark),
            ThemeName::Light => Style::new().fg(light),
            ThemeName::Contrast => Style::new().fg(Color::White).bg(Color::Black),
            ThemeName::Mono => Style::new(),
        }
    }

    /// Ordinary text.
    pub fn text(self) -> Style {
        match self.name {
            ThemeName::Contrast => Style::new().fg(Color::White).bg(Color::Black),
            ThemeName::Dark | ThemeName::Light | ThemeName::Mono => Style::new(),
        }
    }

    /// What is there but not looked at first.
    pub fn quiet(self) -> Style {
        match self.name {
            ThemeName::Dark => Style::new().fg(Color::Indexed(246)),
            ThemeName::Light => Style::new().fg(Color::Indexed(240)),
            ThemeName::Contrast => self.text(),
            ThemeName::Mono => Style::new(),
        }
    }

    /// Rules and frames.
    pub fn rule(self) -> Style {
        match self.name {
            ThemeName::Dark => Style::new().fg(Color::Indexed(242)),
            ThemeName::Light => Style::new().fg(Color::Indexed(247)),
            ThemeName::Contrast => self.text(),
            ThemeName::Mono => Style::new().add_modifier(Modifier::DIM),
        }
    }

    /// A heading.
    pub fn heading(self) -> Style {
        self.text().add_modifier(Modifier::BOLD)
    }

    /// A label in front of a value.
    pub fn label(self) -> Style {
        self.quiet()
    }

    /// The one accent of a screen.
    pub fn accent(self) -> Style {
        self.ink(Color::Cyan, Color::Blue)
    }

    /// The accent, strong.
    pub fn accent_strong(self) -> Style {
        self.accent().add_modifier(Modifier::BOLD)
    }

    /// Something that must be seen: overdue, an objection, safeguarding.
    pub fn alarm(self) -> Style {
        self.ink(Color::LightRed, Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Something to look at: missing, due.
    pub fn warning(self) -> Style {
        self.ink(Color::Yellow, Color::Indexed(130))
    }

    /// Something settled.
    pub fn settled(self) -> Style {
        self.ink(Color::Green, Color::Indexed(28))
    }

    /// The selected row.
    pub fn selected(self) -> Style {
        match self.name {
            ThemeName::Dark => Style::new().fg(Color::White).bg(Color::Indexed(24)).add_modifier(Modifier::BOLD),
            ThemeName::Light => Style::new().fg(Color::Black).bg(Color::Indexed(153)).add_modifier(Modifier::BOLD),
            ThemeName::Contrast | ThemeName::Mono => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// The selected row of a side that does not have the keys.
    pub fn selected_elsewhere(self) -> Style {
        self.text().add_modifier(Modifier::UNDERLINED)
    }

    /// A key in the footer.
    pub fn key(self) -> Style {
        self.accent_strong()
    }

    /// The bar at the top.
    pub fn bar(self) -> Style {
        match self.name {
            ThemeName::Dark => Style::new().fg(Color::White).bg(Color::Indexed(236)),
            ThemeName::Light => Style::new().fg(Color::Black).bg(Color::Indexed(254)),
            ThemeName::Contrast | ThemeName::Mono => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// A badge that must not be overlooked: `DEMO`, `NOT ENCRYPTED`.
    pub fn badge(self) -> Style {
        match self.name {
            ThemeName::Dark | ThemeName::Light => {
                Style::new().fg(Color::Black).bg(Color::Yellow).add_modifier(Modifier::BOLD)
            }
            ThemeName::Contrast | ThemeName::Mono => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    /// A band of the pyramid.
    pub fn band(self, band: Option<Band>) -> Style {
        match band {
            Some(Band::High) => self.alarm(),
            Some(Band::Medium) => self.warning(),
            Some(Band::Low) => self.settled(),
            None => self.quiet(),
        }
    }
}

/// A band as a shape and a letter, so that no colour is needed.
pub fn band_mark(band: Option<Band>) -> &'static str {
    match band {
        Some(Band::High) => "▲ H",
        Some(Band::Medium) => "◆ M",
        Some(Band::Low) => "▽ L",
        None => "·  ",
    }
}
