package io.watchkeeper.toolkit.standby;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where a standby finds its primary, and how it is to talk to it.
 *
 * @param hosts in the order in which they are tried
 * @param sslMode as libpq has it
 * @param sslRootCert null for none
 */
record PrimaryAddress(
        List<Host> hosts, String sslMode, @Nullable String sslRootCert) {

    /** @param name without brackets */
    record Host(String name, int port) {
        @Override
        public String toString() {
            return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
        }
    }

    PrimaryAddress {
        hosts = List.copyOf(hosts);
    }

    static PrimaryAddress of(DatabaseSettings settings, @Nullable String sslMode, @Nullable String sslRootCert) {
        Properties url = Driver.parseURL(settings.url(), new Properties());
        if (url == null) {
            throw new OperatorException("the address of database '" + settings.name() + "' cannot be read", null);
        }
        String[] names = url.getProperty("PGHOST", "localhost").split(",");
        String[] ports = url.getProperty("PGPORT", "5432").split(",");
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            String port = ports[Math.min(i, ports.length - 1)];
            hosts.add(new Host(names[i].replaceAll("[\\[\\]]", ""), Integer.parseInt(port)));
        }
        String configured = settings.sslMode() == null ? "prefer" : settings.sslMode();
        String mode = sslMode == null ? configured : sslMode;
        return new PrimaryAddress(hosts, mode, sslRootCert == null ? settings.sslRootCert() : sslRootCert);
    }

    /** Whether a connection without TLS is out of the question. */
    boolean requiresTls() {
        return sslMode.equals("require") || verifiesCertificate();
    }

    boolean verifiesCertificate() {
        return sslMode.startsWith("verify-");
    }

    /**
     * As libpq's connection string; without any password. It ends up in the standby's primary_conninfo.
     *
     * @param applicationName by which the primary knows the standby
     */
    String conninfo(String role, String passFile, String applicationName) {
        String names = hosts.stream().map(Host::name).collect(Collectors.joining(","));
        String ports = hosts.stream().map(h -> String.valueOf(h.port())).collect(Collectors.joining(","));
        StringBuilder text = new StringBuilder();
        text.append("host=").append(quoted(names));
        text.append(" port=").append(quoted(ports));
        text.append(" user=").append(quoted(role));
        text.append(" passfile=").append(quoted(passFile));
        text.append(" application_name=").append(quoted(applicationName));
        text.append(" sslmode=").append(quoted(sslMode));
        if (sslRootCert != null) {
            text.append(" sslrootcert=").append(quoted(sslRootCert));
        }
        return text.append(" connect_timeout=10 keepalives_idle=10 keepalives_interval=5 keepalives_count=3")
                .toString();
    }

    private static String quoted(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    @Override
    public String toString() {
        return hosts.stream().map(Host::toString).collect(Collectors.joining(","));
    }
}
