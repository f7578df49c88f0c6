//! What is written is read, under whatever route code: R8.

use proptest::prelude::*;
use subunit_core::{EventBuf, FileChunkBuf, Packet, RouteCodeBuf};

use crate::streams::{encoded, events};

/// Some are longer than lengths of two bytes can tell.
fn large_or_small() -> impl Strategy<Value = EventBuf> {
    (events(), prop::option::of(15_000usize..40_000)).prop_map(|(mut event, content)| {
        if let Some(length) = content {
            let bytes = vec![0x5A; length].into();
            event.file = Some(FileChunkBuf { name: "large".into(), bytes });
        }
        event
    })
}

proptest! {
    #[test]
    fn r8_what_is_written_is_read(event in events()) {
        let packet = encoded(&event);
        prop_assert_eq!(event.as_event().encoded_length(), Ok(packet.len()));
        prop_assert_eq!(Packet::parse(&packet).unwrap().event().to_buf(), event);
    }

    #[test]
    fn a_rerouted_packet_is_the_event_with_another_route(
        mut event in large_or_small(),
        route in prop::option::of("[0-9/]{0,80}"),
    ) {
        let packet = encoded(&event);
        let mut rerouted = b"before".to_vec();
        let route = route.map(RouteCodeBuf::new);
        let packet = Packet::parse(&packet).unwrap();
        packet.reroute(route.as_ref().map(RouteCodeBuf::as_route), &mut rerouted).unwrap();
        event.route_code = route;
        prop_assert_eq!(&rerouted[6..], encoded(&event));
    }

    #[test]
    fn a_packet_under_a_prefix_is_the_event_with_a_longer_route(
        mut event in large_or_small(),
        prefix in "[a-z0-9]{0,80}",
    ) {
        let packet = encoded(&event);
        let mut rerouted = b"before".to_vec();
        let prefix = RouteCodeBuf::new(prefix);
        Packet::parse(&packet).unwrap().reroute_under(prefix.as_route(), &mut rerouted).unwrap();
        event.route_code = Some(prefix.join(event.route_code.as_ref().map(RouteCodeBuf::as_route)));
        prop_assert_eq!(&rerouted[6..], encoded(&event));
    }
}
