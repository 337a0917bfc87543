# syntax=docker/dockerfile:1
# leadership-exporter on nothing: one static binary and the certificates of public authorities.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg REVISION=$(git rev-parse HEAD) .
#
# The compiler runs on the builder's own platform and makes the binary for the other one, which is faster than to
# emulate it.

FROM --platform=$BUILDPLATFORM rust:1.95-alpine3.22 AS plan
# hadolint ignore=DL3018
RUN apk add --no-cache build-base clang lld musl-dev && \
    cargo install --locked cargo-chef@0.1.78 cargo-auditable@0.7.7
WORKDIR /src

FROM plan AS recipe
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM plan AS build
ARG TARGETARCH
# ring has code in C and assembly: clang can make it for either.
ENV CC=clang AR=llvm-ar \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
# hadolint ignore=DL3018
RUN apk add --no-cache llvm && \
    case "$TARGETARCH" in \
      amd64) echo x86_64-unknown-linux-musl ;; \
      arm64) echo aarch64-unknown-linux-musl ;; \
      *) echo "no build for $TARGETARCH" >&2; exit 1 ;; \
    esac > /target && rustup target add "$(cat /target)"
# Dependencies change seldom: this layer is kept until Cargo.lock changes.
COPY --from=recipe /src/recipe.json .
RUN cargo chef cook --locked --release --target "$(cat /target)" --package leadership-exporter --recipe-path recipe.json
COPY . .
ARG REVISION=unknown
ENV LEADERSHIP_REVISION=$REVISION
RUN cargo auditable build --locked --release --target "$(cat /target)" --package leadership-exporter && \
    install -D "target/$(cat /target)/release/leadership-exporter" /out/leadership-exporter

FROM gcr.io/distroless/static-debian12:nonroot
ARG REVISION=unknown
LABEL org.opencontainers.image.title="leadership-exporter" \
      org.opencontainers.image.description="Publishes Kubernetes leadership for Prometheus" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /out/leadership-exporter /usr/bin/leadership-exporter
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/bin/leadership-exporter"]
