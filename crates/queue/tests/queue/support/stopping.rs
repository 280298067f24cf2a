//! Scripts that stop at a chosen call of Redis, and what must hold of the jobs then.

use std::collections::{BTreeMap, BTreeSet};

use kyc_queue::script_texts;
use redis::{AsyncCommands as _, Value, aio::MultiplexedConnection};

use super::{DAY_MS, MANY, complete, lease};

/// Scripts with their arguments.
type Scripts = Vec<(&'static str, Vec<String>)>;

/// Words of a script's arguments.
pub(crate) fn words<T: ToString>(words: &[T]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// A queue whose state can be put back, and whose scripts can be stopped.
pub(crate) struct Stage {
    pub(crate) raw: MultiplexedConnection,
    texts: BTreeMap<&'static str, String>,
    kept: Vec<(String, Vec<u8>)>,
    /// How often a script was stopped, each time at another of its calls or in another state.
    pub(crate) stopped: usize,
    /// The scripts that were stopped.
    pub(crate) scripts: BTreeSet<&'static str>,
}

impl Stage {
    pub(crate) fn new(raw: MultiplexedConnection) -> Self {
        Self {
            raw,
            texts: script_texts(),
            kept: Vec::new(),
            stopped: 0,
            scripts: BTreeSet::new(),
        }
    }

    async fn keys(&mut self) -> Vec<String> {
        self.raw.keys("{kyc}:*").await.unwrap()
    }

    /// Remembers the state of the queue.
    pub(crate) async fn keep(&mut self) {
        self.kept.clear();
        for key in self.keys().await {
            let mut command = redis::cmd("DUMP");
            let dump = command.arg(&key).query_async(&mut self.raw).await.unwrap();
            self.kept.push((key, dump));
        }
    }

    /// Puts the remembered state back, without the expiry of keys.
    async fn put_back(&mut self) {
        let all = self.keys().await;
        let mut pipe = redis::pipe();
        pipe.atomic().del(all).ignore();
        for (key, dump) in &self.kept {
            pipe.cmd("RESTORE").arg(key).arg(0).arg(dump).ignore();
        }
        pipe.exec_async(&mut self.raw).await.unwrap();
    }

    /// Runs a script that stops at its nth call of Redis; at none for 0.
    pub(crate) async fn run(
        &mut self,
        name: &str,
        nth: usize,
        arguments: &[String],
    ) -> Result<Value, redis::RedisError> {
        let text = format!(
            "local real, calls = redis, 0\n\
             local redis = setmetatable({{ call = function(...)\n\
             calls = calls + 1\n\
             if calls == {nth} then error('injected') end\n\
             return real.call(...) end }}, {{ __index = real }})\n{}",
            self.texts[name]
        );
        let mut eval = redis::cmd("EVAL");
        eval.arg(text).arg(1).arg("{kyc}").arg(arguments);
        eval.query_async(&mut self.raw).await
    }

    /// Runs a script to its end.
    pub(crate) async fn done(&mut self, name: &str, arguments: &[String]) -> Value {
        self.run(name, 0, arguments).await.unwrap()
    }

    /// Stops a script at each of its calls in turn, in the state that the queue has now, and calls `then` after each stop;
    /// at last also when the script ran to its end.
    pub(crate) async fn at_each_stop(
        &mut self,
        (script, of): (&'static str, &'static str),
        arguments: &[String],
        mut then: impl AsyncFnMut(&mut Self, &str),
    ) {
        self.keep().await;
        self.scripts.insert(script);
        for nth in 1.. {
            let Err(error) = self.run(script, nth, arguments).await else {
                then(self, &format!("{script} ({of}), in one go")).await;
                self.put_back().await;
                assert!(nth > 1, "{script} calls nothing");
                return;
            };
            let text = format!("{error:?}");
            let what = format!("{script} ({of}), stopped at {nth}");
            assert!(text.contains("injected"), "{what}: {text}");
            self.stopped += 1;
            then(self, &what).await;
            self.put_back().await;
        }
    }

    /// Stops a script at each of its calls in turn. After each stop others act on the jobs, or nobody does; then the script is
    /// run again, as the library would; then another worker leases what is ready.
    pub(crate) async fn stop_everywhere(&mut self, act: &Act) {
        for (meanwhile, scripts) in act.meanwhile() {
            let of = (act.script, act.of);
            let each = async |stage: &mut Self, what: &str| {
                let what = format!("{what}, {meanwhile}");
                let is_in_one_go = what.contains("in one go");
                stage.check(act, &what, is_in_one_go).await;
                for (script, arguments) in &scripts {
                    stage.done(script, arguments).await;
                    stage.check(act, &what, false).await;
                }
                if is_in_one_go {
                    return;
                }
                if let Err(error) = stage.run(act.script, 0, &act.again).await {
                    panic!("{what}: the repetition fails: {error:?}");
                }
                let what = format!("{what}, run again");
                stage.check(act, &what, meanwhile.is_empty()).await;
                stage.done("lease", &lease("last~1", 1, DAY_MS)).await;
                let is_retried = meanwhile.contains("retried");
                let act = Act {
                    ended_before: is_retried || act.ended_before,
                    ..act.clone()
                };
                stage.check(&act, &format!("{what}, leased"), true).await;
            };
            self.at_each_stop(of, &act.first, each).await;
        }
    }

    /// Every job is somewhere; at the end in exactly one place, and where its state says. None is published twice, or leased
    /// to two sessions.
    async fn check(&mut self, act: &Act, what: &str, at_the_end: bool) {
        let places = self.places().await;
        let published = self.published().await;
        for id in &act.ids {
            let places = places.get(id).cloned().unwrap_or_default();
            let leases = places.iter().filter(|place| place.starts_with("leases:"));
            assert!(leases.count() <= 1, "{what}: leased twice: {places:?}");
            let is_gone = act.may_vanish && places.is_empty();
            assert!(!places.is_empty() || is_gone, "{what}: {id} is in no place");
            let times = published.iter().filter(|result| result.contains(id));
            let times = times.count();
            assert!(times <= 1, "{what}: published {times} times");
            if !at_the_end || is_gone {
                continue;
            }
            assert_eq!(places.len(), 1, "{what}: {places:?}");
            let progress: Option<String> = self
                .raw
                .hget(format!("{{kyc}}:job:{id}"), "progress")
                .await
                .unwrap();
            let progress: serde_json::Value =
                serde_json::from_str(progress.as_deref().unwrap_or("{}")).unwrap();
            let state = progress["state"].as_str().unwrap_or_default();
            let ended = ["completed", "dead", "cancelled"];
            let place = places[0].as_str();
            let set = if ended.contains(&place) { place } else { "" };
            assert_eq!(set, state, "{what}: it is in {place}");
            if !act.ended_before {
                let is_ended = usize::from(!state.is_empty());
                assert_eq!(times, is_ended, "{what}: how often it was published");
            }
        }
    }

    /// The places of each id.
    pub(crate) async fn places(&mut self) -> BTreeMap<String, Vec<String>> {
        let sets = [
            "scheduled",
            "needs_decision",
            "completed",
            "dead",
            "cancelled",
        ];
        let mut places = BTreeMap::<String, Vec<String>>::new();
        for key in self.keys().await {
            let name = key.trim_start_matches("{kyc}:").to_owned();
            let ids: Vec<String> = if name.starts_with("leases:") {
                self.raw.hkeys(&key).await.unwrap()
            } else if name.starts_with("ready:") || sets.contains(&name.as_str()) {
                self.raw.zrange(&key, 0, -1).await.unwrap()
            } else {
                continue;
            };
            for id in ids {
                places.entry(id).or_default().push(name.clone());
            }
        }
        places
    }

    async fn published(&mut self) -> Vec<String> {
        let entries: Vec<(String, BTreeMap<String, String>)> = redis::cmd("XRANGE")
            .arg("{kyc}:results")
            .arg("-")
            .arg("+")
            .query_async(&mut self.raw)
            .await
            .unwrap();
        let results = entries
            .into_iter()
            .map(|(_, mut fields)| fields.remove("result"));
        results.flatten().collect()
    }
}

/// A script with its arguments, and the jobs that it is about.
#[derive(Clone)]
pub(crate) struct Act {
    pub(crate) script: &'static str,
    pub(crate) of: &'static str,
    pub(crate) first: Vec<String>,
    /// The arguments of its repetition.
    pub(crate) again: Vec<String>,
    pub(crate) ids: Vec<String>,
    /// Whether it deletes jobs.
    pub(crate) may_vanish: bool,
    /// Whether the jobs had ended, without a result that is still there.
    pub(crate) ended_before: bool,
}

impl Act {
    pub(crate) fn new(
        (script, of): (&'static str, &'static str),
        arguments: Vec<String>,
        ids: &[String],
    ) -> Self {
        Self {
            script,
            of,
            again: arguments.clone(),
            first: arguments,
            ids: ids.to_vec(),
            may_vanish: false,
            ended_before: false,
        }
    }

    /// What others may do between a stop and the repetition: scripts with their arguments.
    fn meanwhile(&self) -> Vec<(&'static str, Scripts)> {
        let leased = ("lease", lease("other~1", 1, DAY_MS));
        let retried = [words(&["", "0"]), self.ids.clone()].concat();
        let retried = ("retry", retried);
        let cancel = |id: &String| ("cancel", words(&[id, DAY_MS, MANY, "", "0"]));
        let mut all = vec![
            ("", Vec::new()),
            ("leased by another", vec![leased.clone()]),
            ("retried", vec![retried.clone()]),
            ("retried and leased by another", vec![retried, leased]),
            ("cancelled", self.ids.iter().map(cancel).collect()),
        ];
        // Those of a worker that does not know of it.
        if self.script == "cancel" || self.of.starts_with("stalled") {
            let completed = ("complete", complete(&self.ids, "nin", &[]));
            all.push(("completed", vec![completed]));
        }
        all
    }

    /// Its last argument says that it is repeated.
    pub(crate) fn again_at(mut self, place: usize) -> Self {
        self.again[place] = "1".to_owned();
        self
    }
}
