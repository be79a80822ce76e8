/** Which of the steps is in view: signing in, the second step, or the account. */

import { useMemo, useState } from "react";

import { Account } from "./account";
import { Client } from "./client";
import { Password, SecondStep } from "./sign_in";

type Step = { name: "password" } | { name: "code"; challenge: string } | { name: "account" };

export function App() {
  const client = useMemo(() => new Client(), []);
  const [step, setStep] = useState<Step>({ name: "password" });
  const signIn = () => {
    client.signOut();
    setStep({ name: "password" });
  };
  switch (step.name) {
    case "password":
      return (
        <Password
          client={client}
          onChallenge={(challenge) => setStep({ name: "code", challenge })}
          onSignedIn={() => setStep({ name: "account" })}
        />
      );
    case "code":
      return (
        <SecondStep
          client={client}
          challenge={step.challenge}
          onSignedIn={() => setStep({ name: "account" })}
          onRestart={signIn}
        />
      );
    case "account":
      return <Account client={client} onSignOut={signIn} />;
  }
}
