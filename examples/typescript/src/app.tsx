/** Which of the steps is in view: signing in, the second step, or the account. */

import { createTotpClient } from "ninja-totp-client";
import { useSecondFactor } from "ninja-totp-client/react";

import { Account } from "./account";
import { Codes, Enrolment } from "./enrolment";
import { Password, Proof } from "./sign_in";

const totp = createTotpClient({ baseUrl: "/api" });

export function App() {
  const flow = useSecondFactor(totp);
  const { step } = flow;
  if (flow.backupCodes) return <Codes codes={flow.backupCodes} onSaved={flow.codesSaved} />;
  switch (step.step) {
    case "signed_out":
      return <Password onSend={flow.login} />;
    case "code_required":
      return (
        <>
          <Proof title="Second step" onSend={(proof) => flow.secondStep(step, proof)} />
          <button onClick={() => void flow.signOut()}>Start again</button>
        </>
      );
    case "enrolment_required":
      return <Enrolment flow={flow} step={step} />;
    case "logged_in":
      return <Account totp={totp} flow={flow} />;
  }
}
