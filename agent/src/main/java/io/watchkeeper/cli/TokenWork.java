package io.watchkeeper.cli;

import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Network;
import io.watchkeeper.access.Scope;
import io.watchkeeper.access.TokensFile;
import io.watchkeeper.audit.AuditEvent;
import io.watchkeeper.config.AgentConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** What the commands about tokens share. */
final class TokenWork {

    private TokenWork() {}

    /** @throws UsageException when the configuration names none */
    static TokensFile file(AgentConfig config) {
        Path file = config.http().tokensFile();
        if (file == null) {
            throw new UsageException(
                    "the configuration names no file for tokens",
                    "add to it 'http: { tokensFile: tokens }'; the agent reads it after a restart.");
        }
        return new TokensFile(file);
    }

    /** To be recorded before it is done. */
    static AuditEvent event(String action, AccessToken token) {
        Map<String, Object> details = new LinkedHashMap<>(document(token));
        details.remove("name");
        return new AuditEvent(
                "user:" + System.getProperty("user.name"), "terminal", action, token.name(), "ok", details);
    }

    /** Without its digest. */
    static Map<String, Object> document(AccessToken token) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", token.name());
        document.put(
                "scopes",
                new TreeSet<>(token.scopes()).stream().map(Scope::word).toList());
        if (token.created() != null) {
            document.put("created", token.created().toString());
        }
        if (token.expires() != null) {
            document.put("expires", token.expires().toString());
        }
        document.put(
                "networks", token.networks().stream().map(Network::toString).toList());
        return document;
    }
}
