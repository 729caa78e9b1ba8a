import { returnPath } from "hallpass/decide";
import { SignIn } from "../../lib/client";

export default async function Login({ searchParams }: { searchParams: Promise<{ redirectToPath?: string | string[] }> }) {
  const { redirectToPath } = await searchParams;
  return (
    <main>
      <h1>Sign in</h1>
      <SignIn back={returnPath(String(redirectToPath ?? "/"))} />
    </main>
  );
}
