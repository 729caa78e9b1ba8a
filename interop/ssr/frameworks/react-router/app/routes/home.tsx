import { useSession, useSignOut } from "hallpass/react";
import { Link } from "react-router";

export default function Home() {
  const { userId } = useSession();
  const signOut = useSignOut();
  return (
    <>
      <h1>{`Hello, ${userId ?? "stranger"}`}</h1>
      {userId ? (
        <button type="button" onClick={() => signOut()}>
          Sign out
        </button>
      ) : (
        <Link to="/login">Sign in</Link>
      )}
    </>
  );
}
