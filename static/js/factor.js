/* Security keys and passkeys. A form with data-key="create" or "get" asks one when its button is pressed, with what stands in
   the element that data-asking names, and sends what the key answered. */
(function () {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function created(asked) {
    const key = { ...asked, challenge: bytes(asked.challenge), excludeCredentials: named(asked.excludeCredentials) };
    key.user = { ...asked.user, id: bytes(asked.user.id) };
    const made = await navigator.credentials.create({ publicKey: key });
    return shaped(made, { attestationObject: text(made.response.attestationObject) });
  }

  async function answered(asked) {
    const key = { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) };
    const given = await navigator.credentials.get({ publicKey: key });
    const { authenticatorData, signature, userHandle } = given.response;
    return shaped(given, {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  }

  function shaped(credential, response) {
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  }

  document.querySelectorAll("[data-key]").forEach((button) => {
    const form = button.form;
    const said = document.getElementById(button.dataset.said);
    if (!window.PublicKeyCredential) {
      button.disabled = true;
      said.textContent = button.dataset.without;
      said.hidden = false;
      return;
    }
    button.addEventListener("click", async () => {
      if (!form.reportValidity()) return;
      said.hidden = true;
      button.setAttribute("aria-busy", "true");
      try {
        const asked = JSON.parse(document.getElementById(button.dataset.asking).textContent).publicKey;
        const answer = await (button.dataset.key === "create" ? created(asked) : answered(asked));
        form.querySelector(`[name="${button.dataset.into}"]`).value = JSON.stringify(answer);
        form.submit();
      } catch (error) {
        said.textContent = button.dataset.failed;
        said.hidden = false;
      } finally {
        button.removeAttribute("aria-busy");
      }
    });
  });
})();
