//! Texts of the examples about signatures. The key is one for tests: everybody has its private half.

/// A keyring with one key, called Alice Williams, of the given trust; or with other members after the PEM.
macro_rules! keyring {
    ($trust:literal) => {
        keyring!(
            "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68",
            concat!("\"trustLevel\":\"", $trust, "\",\"verifiedVia\":\"manual\"")
        )
    };
    ($id:expr, $members:expr) => {
        concat!(
            "{\"version\":1,\"keys\":{\"",
            $id,
            "\":{\"name\":\"Alice Williams\",\"publicKeyPem\":\"-----BEGIN PUBLIC KEY-----\\n",
            "MCowBQYDK2VwAyEATIvSd1SagsMTDab1V14GrXI3QgH4ykXeB9IB06YbZkw=\\n-----END PUBLIC KEY-----\\n\",",
            $members,
            "}}}"
        )
    };
}

/// A signature file with this body, or with other headers.
macro_rules! signature {
    ($body:expr) => {
        signature!("Alice Williams", "b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68", $body)
    };
    ($signer:expr, $id:expr, $body:expr) => {
        concat!(
            "-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----\nAlgorithm: ed25519\nSigner: ",
            $signer,
            "\nKey-ID: ",
            $id,
            "\nTimestamp: 2026-02-10T12:34:56.789Z\n\n",
            $body,
            "\n-----END CLOSEDCLAW SKILL SIGNATURE-----\n"
        )
    };
}

/// The skill that the signatures of the examples are about.
macro_rules! signed_skill {
    () => {
        "---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\nSort them.\n"
    };
}

/// The signature of that skill, in base64.
macro_rules! signed_body {
    () => {
        "zMy0yM1oDh0qEFRvlQzlaYcXTCcvE8+ChwVA/1k0n3/v7Z344EAVrw0kqe5Vbqn1FGLx5R1jEqBYoXGrgIj4AA=="
    };
}
