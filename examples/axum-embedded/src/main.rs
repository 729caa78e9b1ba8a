use hallpass::{AppInfo, Hallpass};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = "http://localhost:3000";
    let hallpass = Hallpass::builder(AppInfo::new("example").api(here).website(here)).embedded("sqlite://example.db");
    // a page "your devices" is made of this
    let hallpass = hallpass.own_sessions(true).record_devices(true).build().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("open {here}");
    Ok(axum::serve(listener, axum_embedded::app(&hallpass)).await?)
}
