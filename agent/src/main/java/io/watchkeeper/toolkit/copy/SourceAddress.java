package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where the target's server finds the source's, as libpq writes it.
 *
 * @param hosts names, addresses or folders of sockets; several separated by commas
 * @param ports one for each host
 * @param tls what the configured address says of TLS; null when it says nothing
 * @param role which of several servers is meant, as libpq calls it; null for any
 */
public record SourceAddress(
        String hosts,
        String ports,
        String database,
        @Nullable String tls,
        @Nullable String role) {

    private static final String DEFAULT_PORT = "5432";

    /** A folder, a bare host, an address in brackets, each with or without a port. */
    private static final Pattern ONE =
            Pattern.compile("(/[^:,]*|\\[[0-9a-fA-F:.%]+]|[^\\s:,/\\[\\]]+)(?::(\\d{1,5}))?");

    /** What the driver calls the role, and what libpq does. */
    private static final Map<String, String> ROLES = Map.of(
            "primary", "primary",
            "master", "primary",
            "secondary", "standby",
            "slave", "standby",
            "preferSecondary", "prefer-standby",
            "preferSlave", "prefer-standby");

    /**
     * @param written by the runbook's author, where the target's server needs another address than the agent; else null
     * @throws OperatorException when what was written is no address
     */
    public static SourceAddress of(DatabaseSettings source, @Nullable String written) {
        Properties url = Driver.parseURL(source.url(), new Properties());
        if (url == null) {
            throw new OperatorException("the address of database '" + source.name() + "' cannot be read", null);
        }
        String database = url.getProperty("PGDBNAME", source.user());
        String tls = source.sslMode();
        if (written != null) {
            return parse(written, database, tls);
        }
        return new SourceAddress(
                url.getProperty("PGHOST", "localhost"),
                url.getProperty("PGPORT", DEFAULT_PORT),
                database,
                tls,
                ROLES.get(url.getProperty("targetServerType", "")));
    }

    /** @throws OperatorException when it is no address */
    public static void check(String written) {
        parse(written, "", null);
    }

    private static SourceAddress parse(String written, String database, @Nullable String tls) {
        List<String> hosts = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        for (String one : written.split(",", -1)) {
            Matcher m = ONE.matcher(one.strip());
            if (!m.matches()) {
                throw new OperatorException(
                        "'" + written + "' is no address of a server",
                        "write host:port, for example '10.9.0.2:5432', or a socket's folder, '/run/postgresql'.");
            }
            hosts.add(m.group(1).replaceAll("[\\[\\]]", ""));
            ports.add(m.group(2) == null ? DEFAULT_PORT : m.group(2));
        }
        return new SourceAddress(String.join(",", hosts), String.join(",", ports), database, tls, null);
    }

    /** As options of a foreign server, or keywords of libpq's connection string. */
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("host", hosts);
        options.put("port", ports);
        options.put("dbname", database);
        if (tls != null) {
            options.put("sslmode", tls);
        }
        if (role != null) {
            options.put("target_session_attrs", role);
        }
        return options;
    }

    @Override
    public String toString() {
        return hosts + ":" + ports;
    }
}
