//! `subunit route`: other route codes for the events of a stream.

use std::io;

use subunit_core::{Event, Packet, RouteCode, RouteCodeBuf};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Inputs, Out, TextArgs, run_returning},
};

/// Select events by their route, and change it
///
/// A route code is the path of multiplexers that an event came through, such as `0/1`. Events are selected
/// first; then segments are removed, replaced and added in front, in this order. Events whose route stays
/// the same are written unchanged.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Route {
    /// Keep only events at or below this route; may be given several times
    #[arg(long, value_name = "ROUTE")]
    select: Vec<String>,
    /// Keep events without a route
    #[arg(long)]
    unrouted: bool,
    /// Remove this route from the front of routes that begin with it
    #[arg(long, value_name = "ROUTE")]
    strip: Option<String>,
    /// Replace OLD with NEW at the front of routes that begin with OLD
    #[arg(long, value_name = "OLD=NEW", value_parser = parse_replacement)]
    replace: Vec<(String, String)>,
    /// Add this route in front of all
    #[arg(long, value_name = "ROUTE")]
    prefix: Option<String>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

fn parse_replacement(text: &str) -> Result<(String, String), &'static str> {
    let (old, new) = text.split_once('=').ok_or("use two routes with `=` between them")?;
    Ok((old.to_owned(), new.to_owned()))
}

impl Command for Route {
    const NAME: &'static str = "route";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit route --select 0/1 --strip 0 run.subunit > worker-1.subunit
  $ subunit route --prefix linux run.subunit | subunit stats

Exit status: 0, or 2 if a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let (inputs, text) = (self.inputs.clone(), self.text);
        let router = Router { rules: self, packet: Vec::new(), kept: false };
        let router = run_returning(router, &inputs, text, console)?;
        Ok(if router.kept { Exit::Broken } else { Exit::Passed })
    }
}

impl Route {
    fn selects(&self, route: Option<RouteCode<'_>>) -> bool {
        if self.select.is_empty() && !self.unrouted {
            return true;
        }
        let below = |route: RouteCode<'_>| {
            self.select.iter().any(|selected| route.starts_with(RouteCode::new(selected)))
        };
        route.map_or(self.unrouted, below)
    }

    /// The route that takes the place of `route`.
    fn changed(&self, route: Option<RouteCode<'_>>) -> Option<RouteCodeBuf> {
        let mut route = route.map(RouteCode::to_buf);
        if let Some(prefix) = &self.strip {
            route = replaced(route, prefix, None);
        }
        for (old, new) in &self.replace {
            route = replaced(route, old, Some(new));
        }
        match &self.prefix {
            None => route,
            Some(prefix) => {
                let rest = route.as_ref().map(RouteCodeBuf::as_route);
                Some(RouteCodeBuf::new(prefix).join(rest))
            }
        }
    }
}

fn replaced(route: Option<RouteCodeBuf>, old: &str, new: Option<&String>) -> Option<RouteCodeBuf> {
    let path = route?;
    let Some(rest) = path.as_route().strip_prefix(RouteCode::new(old)) else {
        return Some(path);
    };
    match new {
        None => rest.map(RouteCode::to_buf),
        Some(new) => Some(RouteCodeBuf::new(new).join(rest)),
    }
}

struct Router {
    rules: Route,
    packet: Vec<u8>,
    /// Whether a packet could not have the route that it was to have.
    kept: bool,
}

impl Filter for Router {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if !self.rules.selects(event.route_code) {
            return Ok(());
        }
        let route = self.rules.changed(event.route_code);
        let route_code = route.as_ref().map(RouteCodeBuf::as_route);
        match packet {
            _ if route_code == event.route_code => out.forward(event, packet),
            None => out.emit(&Event { route_code, ..*event }),
            Some(packet) => {
                self.packet.clear();
                match packet.reroute(route_code, &mut self.packet) {
                    Ok(()) => out.report().write_all(&self.packet),
                    // Too long with this route, it is several packets, unless its other fields leave no
                    // room for content.
                    Err(_) => match out.emit(&Event { route_code, ..*event }) {
                        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                            self.kept = true;
                            out.console
                                .say(format_args!("{error}; passed through under its own route"))?;
                            out.forward(event, Some(packet))
                        }
                        result => result,
                    },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(rules: &Route, route: Option<&str>) -> Option<String> {
        let route = rules.changed(route.map(RouteCode::new))?;
        Some(route.as_route().to_string())
    }

    #[test]
    fn strips_then_replaces_then_puts_in_front() {
        let rules = Route {
            strip: Some("0".into()),
            replace: vec![("1".into(), "one/a".into())],
            prefix: Some("host".into()),
            ..Route::default()
        };
        for (route, expected) in [
            (Some("0/1/2"), "host/one/a/2"),
            (Some("0"), "host"),
            (Some("1"), "host/one/a"),
            (Some("01"), "host/01"),
            (None, "host"),
        ] {
            assert_eq!(routes(&rules, route).as_deref(), Some(expected), "{route:?}");
        }
    }

    #[test]
    fn selects_a_route_and_all_below() {
        let rules = Route { select: vec!["0/1".into(), "2".into()], ..Route::default() };
        for (route, kept) in
            [("0/1", true), ("0/1/5", true), ("0/11", false), ("0", false), ("2/0", true)]
        {
            assert_eq!(rules.selects(Some(RouteCode::new(route))), kept, "{route}");
        }
        assert!(!rules.selects(None));
        assert!(Route { unrouted: true, ..rules }.selects(None));
    }

    #[test]
    fn a_route_that_stays_leaves_the_packet_as_it_came() {
        let rules = Route { strip: Some("7".into()), ..Route::default() };
        assert_eq!(routes(&rules, Some("0/1")).as_deref(), Some("0/1"));
        assert_eq!(routes(&rules, None), None);
    }
}
