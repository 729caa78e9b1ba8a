import { useSession } from "hallpass/react";
import { SignOutButton } from "hallpass/ui/react";
import { Link } from "react-router";

export default function Home() {
  const { userId } = useSession();
  return (
    <>
      <h1>{`Hello, ${userId ?? "stranger"}`}</h1>
      {userId ? <SignOutButton loginUrl="/" /> : <Link to="/login">Sign in</Link>}
    </>
  );
}
