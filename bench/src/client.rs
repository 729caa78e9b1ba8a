//! One client of a server: a connection that is kept, one request at a time. As cheap as can be, for it shares the machine
//! with what it measures.

use std::{io, net::SocketAddr, str};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct Client {
    connection: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        Ok(Self { connection, request: Vec::new(), answer: Vec::new() })
    }

    /// Sends JSON as backend SDKs do. The body of the answer, which is an error if its status is not 200.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<&str> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncdi-version: 5.4\r\nrid: session\r\n\
             content-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.request.clear();
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body.as_bytes());
        self.exchange().await
    }

    /// Asks for something with a cookie, as browsers do.
    pub(crate) async fn get(&mut self, path: &str, cookie: &str) -> io::Result<&str> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\ncookie: theme=dark; {cookie}\r\n\r\n");
        self.request.clear();
        self.request.extend_from_slice(head.as_bytes());
        self.exchange().await
    }

    async fn exchange(&mut self) -> io::Result<&str> {
        self.connection.write_all(&self.request).await?;
        self.answer.clear();
        let (start, end) = loop {
            if let Some(found) = whole(&self.answer)? {
                break found;
            }
            if self.connection.read_buf(&mut self.answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        str::from_utf8(&self.answer[start..end]).map_err(io::Error::other)
    }
}

/// Where the body of an answer begins and ends, once all of it is there.
fn whole(answer: &[u8]) -> io::Result<Option<(usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(answer).map_err(io::Error::other)? else { return Ok(None) };
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: Option<usize> = length.and_then(|length| str::from_utf8(length.value).ok()?.parse().ok());
    let end = start + length.ok_or_else(|| io::Error::other("the answer has no length"))?;
    if answer.len() < end {
        return Ok(None);
    }
    match head.code {
        Some(200) => Ok(Some((start, end))),
        _ => Err(io::Error::other(String::from_utf8_lossy(answer))),
    }
}
