// The pages, and who may see them.
// ANCHOR: imports
import { A, Route, Router, useNavigate, useSearchParams } from "@solidjs/router";
import { returnPath } from "hallpass/decide";
import { createSessionSignal, Guard, SessionProvider } from "hallpass/solid";
import { createResource, createSignal, type ParentProps, Show } from "solid-js";
import { ask, type Claims, isStaff, LOGIN, session, signIn } from "./session";
// ANCHOR_END: imports

// ANCHOR: elements
declare module "solid-js" {
  namespace JSX {
    interface IntrinsicElements {
      "hallpass-devices": HTMLAttributes<HTMLElement>;
      "hallpass-denied": HTMLAttributes<HTMLElement>;
      "hallpass-sign-out": HTMLAttributes<HTMLElement>;
    }
  }
}
// ANCHOR_END: elements

// ANCHOR: pages
export const App = () => (
  <Router root={Layout}>
    <Route path={LOGIN} component={SignIn} />
    <Route path="/" component={() => <Guard><Home /></Guard>} />
    <Route
      path="/staff"
      component={() => (
        <Guard validators={[isStaff]} denied={() => <hallpass-denied>This page is for staff.</hallpass-denied>}>
          <Staff />
        </Guard>
      )}
    />
    <Route path="/devices" component={() => <Guard><hallpass-devices /></Guard>} />
    <Route path="*" component={() => <h1>There is no such page</h1>} />
  </Router>
);
// ANCHOR_END: pages

// ANCHOR: layout
function Layout(props: ParentProps) {
  const navigate = useNavigate();
  return (
    <SessionProvider client={session} loginUrl={LOGIN} navigate={(to) => navigate(to, { replace: true })}>
      <Header />
      <main>{props.children}</main>
    </SessionProvider>
  );
}

function Header() {
  const session = createSessionSignal();
  return (
    <Show when={session().userId}>
      <header>
        <A href="/" end>Home</A>
        <A href="/staff">Staff</A>
        <A href="/devices">Your devices</A>
        <hallpass-sign-out />
      </header>
    </Show>
  );
}
// ANCHOR_END: layout

// ANCHOR: home
function Home() {
  const now = createSessionSignal<Claims>();
  const [me] = createResource("/api/me", ask);
  return (
    <>
      <h1>{now().payload?.greeting}, {now().userId}</h1>
      <p>The server says: {me() ?? "…"}</p>
    </>
  );
}
// ANCHOR_END: home

function Staff() {
  const [answer] = createResource("/api/staff", ask);
  return (
    <>
      <h1>Staff</h1>
      <p>The server says: {answer() ?? "…"}</p>
    </>
  );
}

// ANCHOR: sign-in
function SignIn() {
  const navigate = useNavigate();
  const [query] = useSearchParams<{ redirectToPath: string }>();
  const [failed, setFailed] = createSignal(false);

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault();
    setFailed(false);
    try {
      await signIn(String(new FormData(event.currentTarget).get("user")));
      navigate(returnPath(query.redirectToPath));
    } catch (error) {
      console.error(error);
      setFailed(true);
    }
  }

  return (
    <form onSubmit={submit}>
      <h1>Sign in</h1>
      <label for="user">Name (staff have names like staff-ada)</label>
      <input id="user" name="user" autocomplete="username" required />
      <button>Sign in</button>
      <Show when={failed()}>
        <p role="alert">That did not work. Please try again.</p>
      </Show>
    </form>
  );
}
// ANCHOR_END: sign-in
