//! `crosswalk lsp`: a language server on the standard input and output.
//!
//! Messages come in and go out one after the other; a text that changes is checked once nothing has
//! come for a moment. What is found is what `check` finds, because it is found by the same call.

mod answer;
mod position;
mod publish;
mod workspace;

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde_json::{Value, json};

use super::{
    args::Lsp,
    fault::{Ending, Fault},
};
use workspace::Workspace;

/// How long nothing may come before a changed text is checked: a pause between two words, and far
/// less than a person waits for.
const QUIET: Duration = Duration::from_millis(120);

/// Serves an editor until it goes away.
///
/// # Errors
/// [`Fault::File`] when the editor and the server cannot talk.
pub(super) fn lsp(asked: &Lsp) -> Result<Ending, Fault> {
    let (connection, threads) = Connection::stdio();
    let ended = serve(&connection, asked.env.clone());
    drop(connection);
    let broken = |said: String| Fault::File { path: "the editor".into(), said };
    ended.map_err(broken)?;
    threads.join().map_err(|fault| broken(fault.to_string()))?;
    Ok(Ending::Done)
}

fn serve(connection: &Connection, env: Option<String>) -> Result<(), String> {
    let (id, asked) = connection.initialize_start().map_err(|fault| fault.to_string())?;
    let said = json!({
        "capabilities": {
            // Whole texts: a mapping is small, and a wrong patch would be a wrong finding.
            "textDocumentSync": {"openClose": true, "change": 1, "save": true},
            "completionProvider": {"triggerCharacters": ["$", ".", ":", " ", "{", "|", "'"]},
            "hoverProvider": true,
            "definitionProvider": true,
            "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            "positionEncoding": "utf-16",
        },
        "serverInfo": {"name": "crosswalk", "version": env!("CARGO_PKG_VERSION")},
    });
    connection.initialize_finish(id, said).map_err(|fault| fault.to_string())?;
    let root = asked.get("rootUri").and_then(Value::as_str).and_then(position::path_of);
    let mut server =
        Server { connection, workspace: Workspace::new(root, env), waiting: BTreeSet::new() };
    server.run()
}

/// A server at work.
struct Server<'a> {
    connection: &'a Connection,
    workspace: Workspace,
    /// The sets whose texts have changed since they were checked.
    waiting: BTreeSet<PathBuf>,
}

impl Server<'_> {
    fn run(&mut self) -> Result<(), String> {
        loop {
            let message = if self.waiting.is_empty() {
                match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Ok(()),
                }
            } else {
                match self.connection.receiver.recv_timeout(QUIET) {
                    Ok(message) => message,
                    Err(fault) if fault.is_timeout() => {
                        self.check_waiting();
                        continue;
                    }
                    Err(_) => return Ok(()),
                }
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request).map_err(|e| e.to_string())? {
                        return Ok(());
                    }
                    self.answer(request);
                }
                Message::Notification(told) => self.hear(&told),
                Message::Response(_) => {}
            }
        }
    }

    fn answer(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let workspace = &self.workspace;
        let given = match method.as_str() {
            "textDocument/completion" => answer::completion(workspace, &params),
            "textDocument/hover" => answer::hover(workspace, &params),
            "textDocument/definition" => answer::definition(workspace, &params),
            "textDocument/codeAction" => answer::actions(workspace, &params),
            _ => {
                let (code, said) = (ErrorCode::MethodNotFound as i32, format!("{method}: unknown"));
                self.send(Response::new_err(id, code, said).into());
                return;
            }
        };
        self.send(Response::new_ok(id, given.unwrap_or(Value::Null)).into());
    }

    fn hear(&mut self, told: &Notification) {
        let said = |path: &str| told.params.pointer(path).and_then(Value::as_str);
        let uri = said("/textDocument/uri").unwrap_or_default();
        let version = told.params.pointer("/textDocument/version").unwrap_or(&Value::Null);
        match told.method.as_str() {
            "textDocument/didOpen" => {
                let text = said("/textDocument/text").unwrap_or_default();
                let set = self.workspace.open(uri, version, text);
                self.waiting.extend(set);
                // What is opened is shown at once.
                self.check_waiting();
            }
            "textDocument/didChange" => {
                let changes = told.params.get("contentChanges").and_then(Value::as_array);
                let last = changes.and_then(|changes| changes.last()?.get("text")?.as_str());
                if let Some(text) = last {
                    let set = self.workspace.open(uri, version, text);
                    self.waiting.extend(set);
                }
            }
            "textDocument/didSave" => self.waiting.extend(self.workspace.set_of(uri)),
            "textDocument/didClose" => self.waiting.extend(self.workspace.close(uri)),
            _ => {}
        }
    }

    fn check_waiting(&mut self) {
        for set in std::mem::take(&mut self.waiting) {
            match self.workspace.load(&set) {
                Ok(loaded) => {
                    for params in publish::findings(&self.workspace, &loaded) {
                        self.notify("textDocument/publishDiagnostics", params);
                    }
                }
                Err(fault) => {
                    let params = json!({"type": 2, "message": fault.to_string()});
                    self.notify("window/logMessage", params);
                }
            }
        }
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    fn send(&self, message: Message) {
        // An editor that went away is noticed where its next message is awaited.
        let _ = self.connection.sender.send(message);
    }
}
