# Sluice. Build it from the repository's root: docker build -t sluice:dev .
#
# Bases are pinned by digest, for every platform at once; Dependabot moves tag and digest together.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim@sha256:3638d9a6fe4030bd716be989438248074489337ba3275657f93595428be4fc03 AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without optional packages, which are native, the same folder serves every platform: nothing is emulated.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM gcr.io/distroless/nodejs24-debian12:nonroot@sha256:14d42e2511532589a7c7e01a753667a74fcc96266e137e8125006b87b0c32d0a
LABEL org.opencontainers.image.title="sluice" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY bot ./bot
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
# As a number: Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
EXPOSE 3000
# Node itself is the entry point of the base, so it receives the stop signal.
CMD ["bot/main.ts"]
