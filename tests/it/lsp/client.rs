//! An editor, as far as the server can tell: frames, requests, and what is published.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use serde_json::{Value, json};

use crate::cli::place::Place;

/// A place in a file, as a request names it.
pub struct Spot {
    file: String,
    position: Value,
}

impl Spot {
    /// The place of a byte of a text that has no character beyond one unit.
    pub fn at(file: &str, text: &str, at: usize) -> Self {
        let before = &text[..at];
        let line = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { file: file.to_owned(), position: json!({"line": line, "character": column}) }
    }
}

pub struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    root: String,
    next: u64,
    /// What was published while something else was awaited.
    heard: Vec<Value>,
}

impl Client {
    pub fn start(place: &Place, arguments: &[&str]) -> Self {
        let all = [&["lsp"], arguments].concat();
        let mut command = place.command(&all);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let root = place.folder.canonicalize().unwrap().to_string_lossy().into_owned();
        let from = BufReader::new(from);
        let mut client = Self { child, to, from, root, next: 0, heard: Vec::new() };
        let root = client.uri("");
        let said = client.request("initialize", &json!({"rootUri": root, "capabilities": {}}));
        assert_eq!(said["serverInfo"]["name"], "crosswalk");
        client.tell("initialized", &json!({}));
        client
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}/{file}", self.root).trim_end_matches('/').to_owned()
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server went away");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.heard.push(message);
        }
    }

    /// Asks about a place.
    pub fn ask(&mut self, method: &str, spot: &Spot) -> Value {
        self.ask_about(method, &spot.file, json!({"position": spot.position}))
    }

    /// Asks about a file.
    pub fn ask_about(&mut self, method: &str, file: &str, mut params: Value) -> Value {
        params["textDocument"] = json!({"uri": self.uri(file)});
        self.request(method, &params)
    }

    /// Opens a file as it lies on the disk, and gives what is published of its set.
    pub fn open(&mut self, file: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(format!("{}/{file}", self.root)).unwrap();
        let document =
            json!({"uri": self.uri(file), "languageId": "yaml", "version": 1, "text": text});
        self.heard.clear();
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
        // An answer comes after what was published before it.
        self.ask_about("textDocument/hover", "none", json!({}));
        self.taken()
    }

    /// Types a text.
    pub fn change(&mut self, file: &str, text: &str) {
        let document = json!({"uri": self.uri(file), "version": 2});
        let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        self.tell("textDocument/didChange", &params);
    }

    /// What is published of the set of a file once nothing more is typed.
    pub fn published(&mut self, file: &str) -> Vec<Value> {
        self.heard.clear();
        let uri = self.uri(file);
        while !self.heard.iter().any(|message| message["params"]["uri"] == uri.as_str()) {
            let message = self.receive();
            self.heard.push(message);
        }
        self.taken()
    }

    fn taken(&mut self) -> Vec<Value> {
        let heard = std::mem::take(&mut self.heard).into_iter();
        let published = heard.filter(|m| m["method"] == "textDocument/publishDiagnostics");
        published.map(|mut message| message["params"].take()).collect()
    }

    /// Says good-bye, as editors do.
    pub fn end(mut self) {
        self.request("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        drop(self.to);
        assert!(self.child.wait().unwrap().success());
    }
}

/// A text after the only change of an edit.
pub fn applied(text: &str, edit: &Value) -> String {
    let changes = edit["changes"].as_object().unwrap();
    assert_eq!(changes.len(), 1);
    let change = &changes.values().next().unwrap()[0];
    let offset = |position: &Value| {
        let line = position["line"].as_u64().unwrap() as usize;
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        before + position["character"].as_u64().unwrap() as usize
    };
    let (start, end) = (offset(&change["range"]["start"]), offset(&change["range"]["end"]));
    format!("{}{}{}", &text[..start], change["newText"].as_str().unwrap(), &text[end..])
}
