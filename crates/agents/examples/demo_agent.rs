//! The demo agent on its own, for any client of the Agent Client Protocol.

#[tokio::main]
async fn main() -> std::io::Result<()> {
    agents::demo::main().await
}
