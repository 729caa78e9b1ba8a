use hallpass::AppInfo;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = std::env::var("HALLPASS_SERVER").unwrap_or_else(|_| "http://localhost:3567".to_owned());
    let api_key = std::env::var("HALLPASS_API_KEY").ok();
    let here = "http://localhost:3000";
    let hallpass = axum_remote::connect(AppInfo::new("example").api(here).website(here), &server, api_key.as_deref()).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("try: curl --include --data user=alice {here}/login");
    Ok(axum::serve(listener, axum_remote::app(&hallpass)).await?)
}
