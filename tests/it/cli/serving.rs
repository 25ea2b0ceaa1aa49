//! The services in one process, the engine in another.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
};

use serde_json::Value;

use super::place::Place;

const ENVIRONMENT: &str = "mappings/salesforce-cpq-to-zuora/environments/other-process.yaml";
const SECRETS: [(&str, &str); 2] = [
    ("CROSSWALK_SANDBOX_SALESFORCE_SECRET", "s3cret-of-salesforce"),
    ("CROSSWALK_SANDBOX_ZUORA_SECRET", "s3cret-of-zuora"),
];

/// A process that is ended with the test.
struct Serving {
    child: Child,
    announced: Value,
}

impl Serving {
    fn start(place: &Place) -> Self {
        let arguments =
            ["sandbox", "--salesforce-port", "0", "--zuora-port", "0", "--output", "json"];
        let mut command = place.command(&arguments);
        let mut child = command.envs(SECRETS).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, announced: serde_json::from_str(&line).unwrap() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_environment_file_leads_to_services_in_another_process() {
    let place = Place::shipped("process");
    let serving = Serving::start(&place);
    assert!(!serving.announced.to_string().contains("s3cret"), "{}", serving.announced);
    // One try each, so that the last part of the test does not wait for a service that is gone.
    let environment = serving.announced["environment"].as_str().unwrap();
    let environment = environment.replace("\n  client_id", "\n  tries: 1\n  client_id");
    place.write(ENVIRONMENT, &environment);
    let run = |secrets: &[(&str, &str)]| {
        place.run_with(&["run", "--env", "other-process", "--output", "json"], secrets)
    };

    let wrong = run(&[SECRETS[0], ("CROSSWALK_SANDBOX_ZUORA_SECRET", "hunter2")]);
    assert_eq!(wrong.code, 3);
    let said = wrong.only("crosswalk-error/1");
    assert!(said["message"].as_str().unwrap().contains("was refused at sign-in"), "{said}");
    assert!(!format!("{}{}", wrong.out, wrong.err).contains("hunter2"));
    assert!(!place.folder.join(".crosswalk/salesforce-cpq-to-zuora").exists());

    let there = run(&SECRETS).all("crosswalk-run/1");
    let embedded = place.run(&["run", "--output", "json"]).all("crosswalk-run/1");
    assert_eq!((there.len(), embedded.len()), (4, 4));
    for (there, embedded) in there.iter().zip(&embedded) {
        assert_eq!(there["report"]["fates"], embedded["report"]["fates"]);
        assert_eq!(there["inside"], embedded["inside"]);
    }
    for again in run(&SECRETS).all("crosswalk-run/1") {
        assert_eq!(again["requests"]["writes"], 0);
    }

    drop(serving);
    let gone = run(&SECRETS);
    assert_eq!(gone.code, 3);
    let said = gone.only("crosswalk-error/1");
    assert!(said["next_step"].as_str().unwrap().contains("check the address"), "{said}");
}
