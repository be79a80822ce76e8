/** The two steps of a login. */

import type { Client } from "./client";
import { CodeField, Field, Form, isBackupCode } from "./form";

interface PasswordProps {
  client: Client;
  onChallenge: (challenge: string) => void;
  onSignedIn: () => void;
}

export function Password({ client, onChallenge, onSignedIn }: PasswordProps) {
  return (
    <Form
      title="Sign in"
      button="Sign in"
      onSend={async (field) => {
        const answer = await client.post("jwt/create/", {
          username: field("username"),
          password: field("password"),
        });
        if (!answer.ok) return answer.error;
        const { value } = answer;
        if (value.step === "code_required") onChallenge(value.totp_challenge_token);
        if (value.step === "logged_in") onSignedIn();
        return undefined;
      }}
    >
      <Field label="User name" name="username" hint="username" />
      <Field label="Password" name="password" type="password" hint="current-password" />
    </Form>
  );
}

interface SecondStepProps {
  client: Client;
  challenge: string;
  onSignedIn: () => void;
  onRestart: () => void;
}

export function SecondStep({ client, challenge, onSignedIn, onRestart }: SecondStepProps) {
  return (
    <>
      <Form
        title="Second step"
        button="Continue"
        onSend={async (field) => {
          const typed = field("code").trim();
          const answer = await client.post("jwt/totp/verify/", {
            totp_challenge_token: challenge,
            ...(isBackupCode(typed) ? { backup_code: typed } : { otp_code: typed }),
          });
          if (!answer.ok) return answer.error;
          onSignedIn();
          return undefined;
        }}
      >
        <CodeField />
      </Form>
      <button onClick={onRestart}>Start again</button>
    </>
  );
}
