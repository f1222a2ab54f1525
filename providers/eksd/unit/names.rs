use provider_host::kit::Script;

use super::{Component, shape};

/// What scripts call a component and its parts.
#[derive(Clone, Debug)]
pub struct Names {
    pub component: &'static str,
    /// The unit's name, with its suffix.
    pub unit: String,
    /// Whether the unit is ours, and not a package's.
    pub owns_unit: bool,
    /// Where the versions of its programs are.
    pub folder: String,
    pub programs: &'static [&'static str],
    /// Where links to its programs are.
    pub links: &'static str,
}

impl Names {
    pub fn of(component: &dyn Component) -> Self {
        Self {
            component: component.name(),
            unit: format!("{}.service", component.name()),
            owns_unit: true,
            folder: shape::folder(component),
            programs: component.programs(),
            links: "/usr/local/bin",
        }
    }

    /// The script with the variables of `lib.sh`.
    pub fn on(&self, script: Script) -> Script {
        script
            .var("component", self.component)
            .var("unit", &self.unit)
            .var("own", if self.owns_unit { "1" } else { "" })
            .var("folder", &self.folder)
            .var("programs", self.programs.join(" "))
            .var("bin", self.links)
    }
}
