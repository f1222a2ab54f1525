//! The swap of a lab's host is that of the machine that runs the tests, and its kernel lets nobody in it change that. So
//! /proc/swaps of the host is a file here, and `swapoff` and `swapon` are programs that edit it; fstab and systemd are real
//! (which makes no units of fstab's swap in a container).

use provider::simple::Access;
use value::Value;

use super::lab::{
    assert_as_before, bench, by_hand, connection, each_shows_and_is_repaired, one_host, snapshot,
};
use super::support::{folder, object, texts};

const STAND_INS: &str = r#"
set -e
printf 'Filename\tType\tSize\tUsed\tPriority\n' >/run/swaps
mount --bind /run/swaps /proc/swaps
cat >/usr/local/bin/swapoff <<'END'
#!/bin/sh
echo "off $*" >>/run/swap-calls
[ ! -e /run/swap-full ] || { echo "swapoff: $1: swapoff failed: Cannot allocate memory" >&2; exit 1; }
awk -v path="$(printf %s "$1" | sed 's/ /\\\\040/g')" '$1 != path' /run/swaps >/run/swaps-next
cat /run/swaps-next >/run/swaps
END
cat >/usr/local/bin/swapon <<'END'
#!/bin/sh
echo "on $*" >>/run/swap-calls
priority=-2
[ "$1" != -p ] || { priority=$2; shift 2; }
printf '%s\tfile\t1024\t0\t%s\n' "$(printf %s "$1" | sed 's/ /\\040/g')" "$priority" >>/run/swaps
END
chmod 755 /usr/local/bin/swapoff /usr/local/bin/swapon
"#;

#[tokio::test]
async fn swap_on_a_real_host() {
    let Some(lab) = one_host("host-swap") else { return };
    let folder = folder();
    by_hand(&lab, STAND_INS);
    by_hand(
        &lab,
        "printf '/swap.img none swap sw 0 0\\n/a\\\\040b none swap pri=7 0 0\\n' >>/etc/fstab; : >/swap.img; : >'/a b'
         printf '[Unit]\\nDescription=one\\n[Swap]\\nWhat=/one\\n' >/etc/systemd/system/one.swap
         mkdir -p /usr/local/lib/systemd/system
         printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/usr/local/bin/swapon -p 100 /dev/zram7\\nExecStop=/usr/local/bin/swapoff /dev/zram7\\n' >/usr/local/lib/systemd/system/zramswap.service
         systemctl daemon-reload; swapon /swap.img; swapon -p 7 '/a b'; systemctl start zramswap.service",
    );
    let (before, swaps) = (snapshot(&lab), by_hand(&lab, "sort /proc/swaps"));
    let bench = bench(&lab, "host_swap", folder.path()).await;
    let config = object([("host", connection(&lab, "d1")), ("enabled", Value::bool(false))]);

    by_hand(&lab, "touch /run/swap-full; systemctl stop zramswap.service; systemctl reset-failed");
    let failed = bench.change(&Value::null(value::Type::Dynamic), &config).await;
    let said = texts(&failed.diagnostics);
    assert!(said.contains("swap on /swap.img stays on") && said.contains("Cannot allocate memory"), "{said}");
    by_hand(&lab, "rm /run/swap-full");
    bench.delete(&failed.state).await;
    by_hand(&lab, "systemctl restart zramswap.service");
    by_hand(&lab, "awk '!seen[$1]++' /run/swaps >/run/swaps-next; cat /run/swaps-next >/run/swaps");
    assert_eq!(by_hand(&lab, "sort /proc/swaps"), swaps);

    let state = bench.create(config.clone()).await;
    for list in ["active", "fstab", "units"] {
        assert!(state.elements(list).is_empty(), "{list}");
    }
    assert_eq!(
        by_hand(&lab, "wc -l </proc/swaps; systemctl is-active zramswap.service || :"),
        "1\ninactive\n"
    );
    assert_eq!(by_hand(&lab, "systemctl is-enabled one.swap zramswap.service 2>&1 || :"), "masked\nmasked\n");
    assert_eq!(bench.read(&state).await, state);

    let rows = [
        ("active", "swapon -p 7 '/a b'", "switched on"),
        ("fstab", "echo '/more none swap sw 0 0' >>/etc/fstab", "a new line"),
        (
            "units",
            "systemctl unmask one.swap; printf '[Swap]\nWhat=/two\n' >/etc/systemd/system/two.swap",
            "units",
        ),
    ];
    each_shows_and_is_repaired(&lab, &bench, (&state, &config), &rows).await;
    bench.delete(&state).await;
    by_hand(&lab, "sed -i '/^.more /d' /etc/fstab; rm /etc/systemd/system/two.swap; systemctl daemon-reload");
    assert_eq!(by_hand(&lab, "sort /proc/swaps"), swaps, "what was swapped to is again, with its priority");
    assert_as_before(&lab, &before);
}
