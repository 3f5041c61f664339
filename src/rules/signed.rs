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
    // The id of the key is to be reported.
    (marked) => {
        signature!(
            "Alice Williams",
            "«b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68»",
            signed_body!()
        )
    };
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

/// An example of a keyring with a key of some trust, the signed skill with a signature file, and other files of it.
macro_rules! signed {
    ($trust:literal, $signature:expr $(, $path:literal => $text:expr)* $(,)?) => {
        Example::files(&[
            ("trusted-keys.json", keyring!($trust)),
            ("skills/demo/SKILL.md", signed_skill!()),
            ("skills/demo/SKILL.md.sig", $signature),
            $((concat!("skills/demo/", $path), $text)),*
        ])
    };
}

/// A list of two files with some headers, for the key of an id.
macro_rules! list {
    () => {
        list!("b57fe56f40cdd8092a8a040ed5676a789672026bee46ef1dca9b13359729ae68", "", "run.sh")
    };
    ($id:literal, $headers:literal, $second:literal) => {
        concat!(
            "clawsift-skill-manifest-v1\nKey-ID: ",
            $id,
            "\nSigner: Alice Williams\nCreated: 2026-02-10T12:34:56.789Z\n",
            $headers,
            "\n2624c0d02f370a01864d8cb5350567397543961612d5530b52cf5c3e8a4eed7c  100644  SKILL.md\n",
            "06def257e617adacb840a5094307cba6b862dd436506931bce51cfaaa490b12c  100644  ",
            $second,
            "\n"
        )
    };
}

/// An example of the signed skill with that list, its signature, and other files.
macro_rules! listed {
    ($($path:literal => $text:expr),* $(,)?) => { listed!(list!(), $($path => $text),*) };
    ($list:expr $(, $path:literal => $text:expr)* $(,)?) => {
        signed!(
            "full",
            signature!(signed_body!()),
            "SKILL.manifest" => $list,
            "SKILL.manifest.sig" => signature!(
                "IA4uHtfn8/jR6d3/Yj9i1X8PF8YPyOiKnHFl3YlK+0B10tZc7DSxFFWGg+sEUbJ42bpq7FmHPBZVPDpZiT58Dw=="
            ),
            $($path => $text),*
        )
    };
}
