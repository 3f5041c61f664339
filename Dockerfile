# clawsift in a small image: docker run --rm -v "$PWD:/src:ro" ghcr.io/clawsift/clawsift:VERSION check
FROM rust:1.91-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo install --locked --path . --root /out

FROM alpine:3.22@sha256:14358309a308569c32bdc37e2e0e9694be33a9d99e68afb0f5ff33cc1f695dce
# git answers --changed-since and --trust-from-git. The repository belongs to whoever mounts it.
RUN apk add --no-cache git && git config --system --add safe.directory '*' && adduser -D -u 65532 clawsift
COPY --from=build /out/bin/clawsift /usr/local/bin/clawsift
USER clawsift
WORKDIR /src
ENTRYPOINT ["clawsift"]
