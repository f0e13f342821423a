// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// Passkeys need a script. A form with data-passkey says what to ask the authenticator for. The answer goes into the form's hidden fields, and the
// form is then sent as usual. Without passkeys in the browser, the forms stay hidden.

const fromText = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (digit) => digit.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function known(form) {
    return form.dataset.credentials.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: fromText(id) }));
}

async function sign(form) {
    const { response, rawId } = await navigator.credentials.get({
        publicKey: {
            challenge: fromText(form.dataset.challenge),
            rpId: form.dataset.relyingParty,
            allowCredentials: known(form),
            userVerification: form.dataset.verification,
        },
    });
    return {
        credential: rawId,
        client_data: response.clientDataJSON,
        authenticator_data: response.authenticatorData,
        signature: response.signature,
    };
}

async function make(form) {
    const { response } = await navigator.credentials.create({
        publicKey: {
            challenge: fromText(form.dataset.challenge),
            rp: { id: form.dataset.relyingParty, name: form.dataset.hub },
            user: { id: fromText(form.dataset.user), name: form.dataset.userName, displayName: form.dataset.userName },
            pubKeyCredParams: [{ type: "public-key", alg: -8 }, { type: "public-key", alg: -7 }],
            excludeCredentials: known(form),
            authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
            attestation: "none",
        },
    });
    return { client_data: response.clientDataJSON, attestation: response.attestationObject };
}

if (window.PublicKeyCredential && navigator.credentials) {
    for (const form of document.querySelectorAll("form[data-passkey]")) {
        form.hidden = false;
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            const complaint = form.querySelector("[data-complaint]");
            complaint.hidden = true;
            try {
                const answer = form.dataset.passkey === "make" ? await make(form) : await sign(form);
                for (const [name, bytes] of Object.entries(answer)) form.elements[name].value = toText(bytes);
                form.submit();
            } catch (error) {
                // For privacy the browser gives no more detail: cancelled, timed out, or no matching passkey.
                complaint.textContent = error.name === "InvalidStateError" ? complaint.dataset.known : complaint.dataset.failed;
                complaint.hidden = false;
            }
        });
    }
}
