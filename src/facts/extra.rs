//! Facts that the operator adds to the built-in tables.

use serde::Deserialize;

use super::hosts::{HostClass, HostSet, classify};
use super::url::Url;

/// More lines for some of the tables, in their own notation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tables {
    /// Hosts (and paths) that official installers are fetched from.
    pub installers: Vec<String>,
    /// Hosts where anybody leaves a text.
    pub paste: Vec<String>,
    /// Hosts that show to anybody what was sent to them.
    pub capture: Vec<String>,
    /// Hosts where anybody gets a subdomain.
    pub free_hosting: Vec<String>,
    /// Hosts that hide where a link leads.
    pub shorteners: Vec<String>,
    /// Hosts of well-known services.
    pub api_hosts: Vec<String>,
    /// Names of skills that the operator vouches for: they imitate nobody.
    pub skill_names: Vec<String>,
}

impl Tables {
    /// What kind of place a URL leads to: what the operator says of it first, then the built-in tables.
    #[must_use]
    pub fn classify(&self, trusted: &[String], url: &Url) -> HostClass {
        let own = [
            (trusted, HostClass::Trusted),
            (self.installers.as_slice(), HostClass::Installer),
            (&self.capture, HostClass::Capture),
            (&self.paste, HostClass::Paste),
            (&self.shorteners, HostClass::Shortener),
            (&self.free_hosting, HostClass::FreeHosting),
            (&self.api_hosts, HostClass::Api),
        ];
        let says = |(list, _): &(&[String], HostClass)| {
            !list.is_empty() && HostSet::new(list.iter().map(String::as_str)).has(&url.host, url.path)
        };
        own.into_iter().find(says).map_or_else(|| classify(url), |(_, class)| class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_is_asked_first() {
        let tables = Tables { capture: vec![".drop.corp.dev".to_owned()], ..Tables::default() };
        let class = |word: &str, trusted: &[String]| Url::parse(word).map(|url| tables.classify(trusted, &url));
        assert_eq!(class("https://a.drop.corp.dev/x", &[]), Some(HostClass::Capture));
        assert_eq!(class("https://other.corp.dev/x", &[]), Some(HostClass::Unknown));
        assert_eq!(class("https://webhook.site/x", &[]), Some(HostClass::Capture));
        assert_eq!(class("https://webhook.site/x", &["webhook.site".to_owned()]), Some(HostClass::Trusted));
    }
}
