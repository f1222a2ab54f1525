//! The rows about etcd's membership.

use super::rules::Row;

pub const QUORUM: &[Row] = &[
    (
        "members change one after another",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6\nthen etcd cp3 3.5 > 3.6",
        None,
    ),
    (
        "two members change at once",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6\netcd cp3 3.5 > 3.6",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "break etcd's quorum|on cp1 and cp3|both away at once 1 of 3 members stay, and the quorum is 2|max_parallel = 1",
        )),
    ),
    ("the first members come all at once", "etcd cp1 - > 3.5\netcd cp2 - > 3.5\netcd cp3 - > 3.5", None),
    (
        "two join at once",
        "etcd cp2 - > 3.5\netcd cp3 - > 3.5\netcd cp1 = 3.5",
        Some(("eksd_etcd_member.n[\"cp3\"]", "takes in one member at a time, and has 1 member now")),
    ),
    ("two join one after the other", "etcd cp2 - > 3.5\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5", None),
    (
        "three are replaced, each when the one before is back",
        "etcd cp1 3.5 > -\nthen etcd cp1 - > 3.5\nthen etcd cp2 3.5 > -\nthen etcd cp2 - > 3.5\netcd cp3 = 3.5",
        None,
    ),
    (
        "two of three are removed before the new ones come",
        "etcd cp1 3.5 > -\nthen etcd cp2 3.5 > -\nthen etcd cp1 - > 3.5\nthen etcd cp2 - > 3.5\netcd cp3 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp2\"]",
            "removes the member on cp2|has 2 members, of which 2 are well. Then 1 stay, and the quorum is 2|Add the new members first",
        )),
    ),
    (
        "two of three are replaced by new ones that come first",
        "etcd cp4 - > 3.5\nthen etcd cp5 - > 3.5\nthen etcd cp1 3.5 > -\nthen etcd cp2 3.5 > -\netcd cp3 = 3.5",
        None,
    ),
    (
        "three shrink to one, one after the other",
        "etcd cp2 3.5 > -\nthen etcd cp3 3.5 > -\nthen etcd cp1 3.5 > 3.6\nall apiserver cp1 34 > 35",
        None,
    ),
    (
        "three shrink to one at once",
        "etcd cp2 3.5 > -\netcd cp3 3.5 > -\netcd cp1 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "both away at once 1 of 3 members stay|max_parallel = 1|\"Rollout cannot be serial\"",
        )),
    ),
    (
        "three shrink to one that restarts in between",
        "etcd cp2 3.5 > -\nthen etcd cp1 3.5 > 3.6\nthen etcd cp3 3.5 > -",
        Some(("eksd_etcd_member.n[\"cp1\"]", "restarts the member on cp1|has 2 members")),
    ),
    (
        "two shrink to one that is stopped",
        "etcd cp2 3.5 > -\netcd cp1 = 3.5 state=stopped",
        Some(("eksd_etcd_member.n[\"cp2\"]", "removes the member on cp2|of which 1 is well")),
    ),
    (
        "a member of two learns of others without a restart",
        "etcd cp1 3.5 > 3.5 endpoints=+https://cp3:2379\nthen etcd cp2 3.5 > 3.5 endpoints=+https://cp3:2379\nthen etcd cp3 - > 3.5",
        None,
    ),
    (
        "members learn of others at once, while one restarts",
        "etcd cp1 3.5 > 3.5 endpoints=+https://cp4:2379\netcd cp2 3.5 > 3.5 endpoints=+https://cp4:2379\netcd cp3 3.5 > 3.6",
        None,
    ),
    (
        "a member of two changes a flag",
        "etcd cp1 3.5 > 3.5 log_level=+debug\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "With 2 members none may be missing")),
    ),
    ("the only member restarts", "etcd cp1 3.5 > 3.6", None),
    (
        "the only member is replaced",
        "etcd cp1 3.5 > -\nthen etcd cp1 - > 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "Its data would be lost")),
    ),
    (
        "one of two restarts",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "With 2 members none may be missing")),
    ),
    (
        "a member restarts while another one is stopped",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5\netcd cp3 = 3.5 state=stopped",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 3 members, of which 2 are well. Then 1 stay, and the quorum is 2|-target",
        )),
    ),
    (
        "the stopped member starts first",
        "etcd cp3 3.5 > 3.6 state=stopped state=+running\nthen etcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
        None,
    ),
    (
        "one of two members that was started already is only waited for",
        "etcd cp2 3.5 > 3.5 state=starting state=+running\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5",
        None,
    ),
    (
        "a member that was started must be well before another one restarts",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.5 state=starting state=+running\netcd cp3 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 3 members, of which 2 are well. Then 1 stay, and the quorum is 2|not \"running\"",
        )),
    ),
    (
        "it is waited for first",
        "etcd cp2 3.5 > 3.5 state=starting state=+running\nthen etcd cp1 3.5 > 3.6\netcd cp3 = 3.5",
        None,
    ),
    (
        "it is waited for while another one restarts",
        "etcd cp2 3.5 > 3.5 state=starting state=+running\netcd cp1 3.5 > 3.6\netcd cp3 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "from changing at the same time|max_parallel = 1")),
    ),
    (
        "a learner is no third member",
        "etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6\nthen etcd cp3 3.5 > 3.6 is_learner=true! is_learner=+false!",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 2 members, of which 2 are well. Then 1 stay|on cp3 is a learner yet|groma apply -target='eksd_etcd_member.n[\"cp3\"]'",
        )),
    ),
    (
        "a learner is promoted first",
        "etcd cp3 3.5 > 3.6 is_learner=true! is_learner=+false!\nthen etcd cp1 3.5 > 3.6\nthen etcd cp2 3.5 > 3.6",
        None,
    ),
    (
        "a learner is promoted while another one restarts",
        "etcd cp3 3.5 > 3.5 is_learner=true! is_learner=+false!\netcd cp1 3.5 > 3.6\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "from changing at the same time")),
    ),
    ("a learner goes", "etcd cp3 3.5 > - is_learner=true!\netcd cp1 = 3.5\netcd cp2 = 3.5", None),
    (
        "a learner that stays one is no third member",
        "etcd cp2 3.5 > 3.6\netcd cp1 = 3.5\netcd cp3 = 3.5 is_learner=true!",
        Some(("eksd_etcd_member.n[\"cp2\"]", "has 2 members, of which 2 are well")),
    ),
    (
        "a member is stopped before another one restarts",
        "etcd cp1 3.5 > 3.5 state=running state=+stopped\nthen etcd cp2 3.5 > 3.6\netcd cp3 = 3.5",
        Some(("eksd_etcd_member.n[\"cp2\"]", "has 3 members, of which 2 are well")),
    ),
    (
        "other programs under the same version restart a member",
        "etcd cp1 3.5 > 3.5 binary_sha256=a binary_sha256=+?\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "With 2 members none may be missing")),
    ),
    (
        "the same programs from elsewhere restart nothing",
        "etcd cp1 3.5 > 3.5 binary=a binary_source=a binary_sha256=c binary=+b binary_source=+? binary_sha256=+c\netcd cp2 = 3.5",
        None,
    ),
    (
        "one of two members may not restart",
        "etcd cp2 3.5 > 3.5 restart_pending=true! restart_pending=+false!\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp2\"]",
            "restarts the member on cp2|With 2 members none may be missing|That on cp3 is in this plan|-target='eksd_etcd_member.n[\"cp3\"]'",
        )),
    ),
    (
        "a member is started though quorum is lost",
        "etcd cp3 3.5 > 3.6 state=failed\netcd cp1 = 3.5\netcd cp2 = 3.5 state=failed",
        None,
    ),
    ("all is torn down", "etcd cp1 3.5 > -\netcd cp2 3.5 > -\napiserver cp1 34 > -\nkubelet cp1 = 34", None),
    (
        "all of etcd goes but an API server stays",
        "etcd cp1 3.5 > -\napiserver cp1 = 34",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 1 member, but the kube-apiserver on cp1 would stay|goes as a whole",
        )),
    ),
    (
        "a dead machine's name joins while etcd still has it",
        "etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp3\"]",
            "still in etcd|cp3 (id idcp3, https://cp3:2380)|3 members, of which 2 must be well|replaces = \"idcp3\"",
        )),
    ),
    (
        "it joins after the dead one was removed",
        "etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,\netcd cp2 = 3.5",
        None,
    ),
    (
        "its removal is in the plan, by the one that takes its place",
        "etcd cp3 - > 3.5 replaces=idcp3\nthen etcd cp1 3.5 > 3.6 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        None,
    ),
    (
        "the removal of another one is in the plan",
        "etcd cp3 - > 3.5 replaces=idcp9\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp3\"]", "still in etcd|replaces is idcp9, which is not that one")),
    ),
    (
        "a machine of another name joins at the address of a dead one",
        "etcd cp4 - > 3.5 initial_advertise_peer_urls=https://cp3:2380,\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp4\"]", "still in etcd|replaces = \"idcp3\"")),
    ),
    (
        "a learner that nobody knows has no vote",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5 members=cp1,cp2,cp3,?gone,\netcd cp3 = 3.5",
        None,
    ),
    (
        "what another one's place would have freed still counts",
        "etcd cp4 - > 3.5 replaces=idcp9\nthen etcd cp1 3.5 > 3.6 members=cp1,cp2,gone,\netcd cp2 = 3.5",
        Some((
            "eksd_etcd_member.n[\"cp1\"]",
            "has 4 members, of which 3 are well. Then 2 stay, and the quorum is 3",
        )),
    ),
    (
        "a dead one stays where a member of another name and address joins",
        "etcd cp4 - > 3.5 replaces=idgone\nthen etcd cp1 3.5 > 3.6 members=cp1,cp2,gone,\netcd cp2 = 3.5",
        Some(("eksd_etcd_member.n[\"cp1\"]", "has 4 members, of which 3 are well")),
    ),
    (
        "its removal is in the plan, by its own step",
        "etcd cp3 3.5 > -  members=cp1,cp2,cp3,\nthen etcd cp3 - > 3.5\netcd cp1 = 3.5 members=cp1,cp2,cp3,\netcd cp2 = 3.5",
        None,
    ),
    (
        "a member restarts while a dead one that nobody knows counts",
        "etcd cp1 3.5 > 3.6\netcd cp2 = 3.5 members=cp1,cp2,gone,",
        Some(("eksd_etcd_member.n[\"cp1\"]", "has 3 members, of which 2 are well")),
    ),
    (
        "quorum is lost, and a snapshot restored",
        "etcd cp1 3.5 > 3.5 restore_from=+/var/backup\netcd cp2 3.5 > -\netcd cp3 3.5 > -",
        None,
    ),
    (
        "quorum is lost, and one that was restored once is no reason",
        "etcd cp1 3.5 > 3.6 restore_from=/var/backup\netcd cp2 3.5 > -\netcd cp3 3.5 > -",
        Some(("eksd_etcd_member.n[\"cp2\"]", "break etcd's quorum")),
    ),
];
