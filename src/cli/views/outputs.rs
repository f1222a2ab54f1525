use std::collections::BTreeMap;

use addrs::Name;
use state::OutputState;
use value::format;

/// `name = value`, one a line; sensitive ones are not shown.
pub fn list(outputs: &BTreeMap<Name, OutputState>) -> String {
    outputs
        .iter()
        .map(|(name, output)| {
            if output.sensitive {
                return format!("{name} = <sensitive>\n");
            }
            format!("{name} = {}\n", format::console(&output.value, 0))
        })
        .collect()
}
