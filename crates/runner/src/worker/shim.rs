//! shim
pub(crate) mod redact {
    #[derive(Debug, Clone)]
    pub(crate) struct Redactor(Vec<String>);
    pub(crate) struct RedactorStream(Redactor, String);
    impl Redactor {
        pub(crate) fn new(secrets: &[String]) -> Self { Self(secrets.to_vec()) }
        pub(crate) fn text(&self, text: &str) -> String {
            let mut t = text.to_owned();
            for s in &self.0 { t = t.replace(s.as_str(), "***"); }
            t
        }
        pub(crate) fn stream(&self) -> RedactorStream { RedactorStream(self.clone(), String::new()) }
    }
    impl RedactorStream {
        pub(crate) fn push(&mut self, text: &str) -> String {
            if self.0.0.is_empty() { return text.to_owned(); }
            self.1.push_str(text);
            match self.1.rfind('\n') { Some(at) => { let rest = self.1.split_off(at + 1); let out = std::mem::replace(&mut self.1, rest); self.0.text(&out) } None => String::new() }
        }
        pub(crate) fn finish(&mut self) -> String { self.0.text(&std::mem::take(&mut self.1)) }
    }
}
pub(crate) mod permission {
    pub(crate) enum Verdict { Deny { rule: &'static str, reason: &'static str }, Allow { rule: &'static str }, Ask }
    pub(crate) fn verdict(_s: &protocol::approval::ApprovalSubject) -> Verdict { Verdict::Ask }
}
