use hallpass::AppInfo;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = "http://localhost:3000";
    let info = AppInfo::new("example").api(here).website(here);
    let hallpass = dioxus_pages::settings(info).embedded("sqlite://example.db").build().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("open {here}");
    Ok(axum::serve(listener, dioxus_pages::app(&hallpass)).await?)
}
