use provider::Environment;
use url::Url;

/// The proxies that the environment names, by the variables that curl reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    /// Hosts and domains that are reached directly.
    direct: Vec<String>,
}

impl Proxies {
    pub(super) fn of(environment: &Environment) -> Self {
        let variable = |names: &[&str]| {
            let mut set = names.iter().filter_map(|name| environment.variable(name));
            set.find(|text| !text.is_empty()).map(str::to_owned)
        };
        let all = variable(&["all_proxy", "ALL_PROXY"]);
        let direct = variable(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        let direct = direct.split(',').map(|host| host.trim().trim_start_matches('.').to_lowercase());
        Self {
            // Servers put a request's `Proxy` header into HTTP_PROXY for their programs: only the lower case is read.
            http: variable(&["http_proxy"]).or_else(|| all.clone()),
            https: variable(&["https_proxy", "HTTPS_PROXY"]).or(all),
            direct: direct.filter(|host| !host.is_empty()).collect(),
        }
    }

    /// The proxy that a URL is reached through.
    pub(super) fn for_url(&self, url: &Url) -> Result<Option<Url>, String> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let Some(proxy) = proxy.as_ref().filter(|_| !self.is_direct(url)) else { return Ok(None) };
        let with_scheme = if proxy.contains("://") { proxy.clone() } else { format!("http://{proxy}") };
        match Url::parse(&with_scheme) {
            Ok(proxy) if proxy.scheme() == "http" && proxy.host().is_some() => Ok(Some(proxy)),
            _ => Err("the proxy that the environment names is no http:// URL".into()),
        }
    }

    fn is_direct(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
        self.direct.iter().any(|direct| {
            direct == "*"
                || host == *direct
                || host.strip_suffix(direct.as_str()).is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn proxies_are_those_of_curl() {
        let variables = [
            ("https_proxy", "proxy.example:3128"),
            ("HTTP_PROXY", "http://evil"),
            ("no_proxy", "localhost, .internal,10.0.0.5"),
        ];
        let variables: BTreeMap<_, _> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut environment = ::provider::conformance::environment(std::path::Path::new("/"));
        environment.variables = Arc::new(variables);
        let proxies = Proxies::of(&environment);
        let cases = [
            (
                "https://example.com/",
                Some("http://proxy.example:3128/"),
                "the scheme is http if none is said",
            ),
            ("http://example.com/", None, "HTTP_PROXY in capitals is not read"),
            ("https://a.internal/", None, "a domain that is direct"),
            ("https://internal/", None, "the domain itself"),
            ("https://notinternal/", Some("http://proxy.example:3128/"), "not a domain of it"),
            ("https://10.0.0.5/", None, "an address"),
        ];
        for (url, expected, why) in cases {
            let url = Url::parse(url).expect("is a URL");
            let proxy = proxies.for_url(&url).expect("can be read").map(|url| url.to_string());
            assert_eq!(proxy.as_deref(), expected, "{why}");
        }
    }
}
