//! Certificate authorities: what signs is trusted before it signs, and as long as what it signed is in use.
//!
//! Who trusts whom is seen by the kubeconfigs of a cluster, whose authorities sign its certificates; others are changed with them.

use diag::Diagnostic;
use provider::simple::Access;
use provider::{PlannedAction, PlannedStep};
use value::Value;

/// The authority of certificates: before the plan and after it, if that is known.
struct Signed<'a> {
    step: usize,
    before: &'a str,
    after: Option<&'a str>,
}

/// What a kubeconfig trusts, likewise.
struct Trust<'a> {
    step: usize,
    before: &'a str,
    after: Option<&'a str>,
}

/// Warns of the first step that issues what is not trusted everywhere yet, or takes trust from what is in use. It is no more than
/// a warning, as an authority that is not known yet may have the key of the one before it, and then is trusted.
pub fn warning(steps: &[PlannedStep]) -> Option<Diagnostic> {
    let mut signed: Vec<Signed> = Vec::new();
    let mut trusts: Vec<Trust> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let stays = matches!(step.action, PlannedAction::NoOp | PlannedAction::Update);
        match step.address.resource.ty.as_str() {
            _ if !stays => {}
            "eksd_certificate" => {
                let Some((before, after)) = texts(step, "ca_cert_pem") else { continue };
                // Many are signed by one authority, and the first of them says it for all.
                if !signed.iter().any(|known| (known.before, known.after) == (before, after)) {
                    signed.push(Signed { step: at, before, after });
                }
            }
            "eksd_kubeconfig" => {
                let Some((before, after)) = texts(step, "certificate_authority") else { continue };
                if !trusts.iter().any(|known| (known.before, known.after) == (before, after)) {
                    trusts.push(Trust { step: at, before, after });
                }
            }
            _ => {}
        }
    }
    let pairs = signed.iter().flat_map(|signed| trusts.iter().map(move |trust| (signed, trust)));
    pairs
        .filter(|(signed, trust)| trust.before.contains(signed.before))
        .filter_map(|(signed, trust)| broken(steps, signed, trust))
        .min_by_key(|(step, _)| *step)
        .map(|(step, what)| {
            Diagnostic::warning(SUMMARY, format!("{what}\n\n{WHY}")).address(&steps[step].address)
        })
}

fn broken(steps: &[PlannedStep], signed: &Signed, trust: &Trust) -> Option<(usize, String)> {
    if signed.after == Some(signed.before) {
        return None;
    }
    // One that is not known yet is made by this plan.
    if !signed.after.is_some_and(|after| trust.before.contains(after)) {
        let what = format!(
            "{} would be signed by an authority that {} does not trust before this plan.",
            steps[signed.step].address, steps[trust.step].address
        );
        return Some((signed.step, what));
    }
    if trust.after.is_some_and(|after| !after.contains(signed.before)) {
        let what = format!(
            "{} would no longer trust the authority that {} is signed by until this plan is done.",
            steps[trust.step].address, steps[signed.step].address
        );
        return Some((trust.step, what));
    }
    None
}

/// The trimmed text of an attribute before a step, and after it if it is known.
fn texts<'a>(step: &'a PlannedStep, name: &str) -> Option<(&'a str, Option<&'a str>)> {
    let text = |object: &'a Value| object.text(name).map(str::trim);
    Some((text(&step.before).filter(|text| !text.is_empty())?, text(&step.after)))
}

const SUMMARY: &str = "Plan may break trust in certificates";

const WHY: &str = "Nodes change one after the other, and each must trust what the others have meanwhile. Change authorities in three applies: trust both; sign by the new one; and only then no longer trust the old one (https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/). With modules/eksd-cluster that is `authorities`. An authority that is only renewed, with its key as it was, is trusted all along.";
