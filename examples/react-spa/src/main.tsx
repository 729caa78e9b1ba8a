import { SessionProvider } from "hallpass/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { go } from "./router";
import { LOGIN, session } from "./session";
import "./style.css";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <SessionProvider client={session} loginUrl={LOGIN} navigate={go}>
        <App />
      </SessionProvider>
    </StrictMode>,
  );
