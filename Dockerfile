# The relay as a container: docker build -t cortex-xdr-relay . && docker run -p 8080:8080 -v relay:/data \
#   -e API_KEY=... -e API_KEY_ID=... -e FQDN=... cortex-xdr-relay
# On a file system that is bound instead of a volume, /data must belong to user 1000 of the base image.
ARG NODE_RED=4.1.10-22

FROM nodered/node-red:${NODE_RED} AS build
USER root
WORKDIR /opt/cortex-xdr
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --include=dev --no-audit --no-fund
COPY tsconfig.json tsconfig.editor.json ./
COPY icons icons
COPY scripts scripts
COPY nodes nodes
RUN node scripts/build.mjs && npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM nodered/node-red:${NODE_RED}
# The working directory stays /usr/src/node-red: Node-RED is found from there.
COPY --from=build /opt/cortex-xdr/package.json /opt/cortex-xdr/
COPY --from=build /opt/cortex-xdr/node_modules /opt/cortex-xdr/node_modules
COPY --from=build /opt/cortex-xdr/scripts/start.mjs /opt/cortex-xdr/scripts/
COPY --from=build /opt/cortex-xdr/scripts/start /opt/cortex-xdr/scripts/start
COPY --from=build /opt/cortex-xdr/dist /opt/cortex-xdr/dist
ENV USER_DIR=/data
USER node-red
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["node", "/opt/cortex-xdr/scripts/start/healthcheck.mjs"]
# The base image's own entry point would start Node-RED without the relay.
ENTRYPOINT ["node", "/opt/cortex-xdr/scripts/start.mjs"]
