# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26 AS builder
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=0.1.0
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY main.go ./
COPY api/ api/
COPY controllers/ controllers/
COPY internal/ internal/
# The same flags as `make build`.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w -X main.version=$VERSION" -o /isms-operator .

FROM gcr.io/distroless/static:nonroot
LABEL org.opencontainers.image.title="isms-operator" \
      org.opencontainers.image.description="An ISMS (ISO/IEC 27001:2022) that lives in a Kubernetes cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/isms-operator/isms-operator"
COPY LICENSE NOTICE /
COPY --from=builder /isms-operator /isms-operator
USER 65532:65532
ENTRYPOINT ["/isms-operator"]
