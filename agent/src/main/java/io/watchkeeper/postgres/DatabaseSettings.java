package io.watchkeeper.postgres;

import io.watchkeeper.units.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A database as configured.
 *
 * @param name how runbooks call it
 * @param url {@code jdbc:postgresql://host:port/db}, several hosts allowed; never holds a password
 * @param password null for peer, certificate or trust authentication
 * @param maxConnections the cap over everything that is done there from this host's state directory
 * @param standbyOf the name of the database this one is a physical standby of; null when it is not
 * @param local whether its server is on this host
 * @param patroni the address of a REST API of the Patroni that looks after its server; null when nobody named one
 * @param monitor the name of the database that is its pg_auto_failover monitor; null when nobody named one
 * @param tls null for what the url's own options say
 * @param requireScram whether a server that asks for the password in any weaker way, or for none, is refused
 */
public record DatabaseSettings(
        String name,
        String url,
        String user,
        @Nullable Secret password,
        int maxConnections,
        @Nullable String standbyOf,
        boolean local,
        @Nullable String patroni,
        @Nullable String monitor,
        @Nullable DatabaseTls tls,
        boolean requireScram) {

    private static final Pattern HOSTS = Pattern.compile("jdbc:postgresql://([^/?]*).*", Pattern.DOTALL);

    /** Of a server that the configuration knows no failover manager of. */
    public DatabaseSettings(
            String name,
            String url,
            String user,
            @Nullable Secret password,
            int maxConnections,
            @Nullable String standbyOf,
            boolean local) {
        this(name, url, user, password, maxConnections, standbyOf, local, null, null);
    }

    /** Encrypted as the url's options say, and logging in as the server wants it. */
    public DatabaseSettings(
            String name,
            String url,
            String user,
            @Nullable Secret password,
            int maxConnections,
            @Nullable String standbyOf,
            boolean local,
            @Nullable String patroni,
            @Nullable String monitor) {
        this(name, url, user, password, maxConnections, standbyOf, local, patroni, monitor, null, false);
    }

    /** The same with another cap. */
    public DatabaseSettings withMaxConnections(int most) {
        return new DatabaseSettings(
                name, url, user, password, most, standbyOf, local, patroni, monitor, tls, requireScram);
    }

    /** The same with other ways to encrypt and to log in. */
    public DatabaseSettings secured(@Nullable DatabaseTls by, boolean scramOnly) {
        return new DatabaseSettings(
                name, url, user, password, maxConnections, standbyOf, local, patroni, monitor, by, scramOnly);
    }

    /** Another database of the same server, under the same name here. @param database its name there */
    public DatabaseSettings onServer(String database) {
        int path = url.indexOf('/', "jdbc:postgresql://".length());
        int options = url.indexOf('?');
        String hosts = path >= 0 ? url.substring(0, path) : options >= 0 ? url.substring(0, options) : url;
        String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        return new DatabaseSettings(
                name,
                hosts + "/" + encoded + (options >= 0 ? url.substring(options) : ""),
                user,
                password,
                maxConnections,
                standbyOf,
                local,
                patroni,
                monitor,
                tls,
                requireScram);
    }

    /** How connections are encrypted, as libpq calls it; null where neither {@code tls} nor the url says. */
    public @Nullable String sslMode() {
        return tls != null ? tls.mode().word() : urlOption("sslmode");
    }

    /** The file of authorities that a server's certificate is checked against; null where there is none. */
    public @Nullable String sslRootCert() {
        if (tls == null) {
            return urlOption("sslrootcert");
        }
        return tls.ca() == null ? null : tls.ca().toString();
    }

    private @Nullable String urlOption(String option) {
        Properties parsed = Driver.parseURL(url, new Properties());
        return parsed == null ? null : parsed.getProperty(option);
    }

    /** The database's name on its server. */
    public String databaseName() {
        Properties parsed = Driver.parseURL(url, new Properties());
        return parsed == null ? user : parsed.getProperty("PGDBNAME", user);
    }

    /** Where the server is, for messages: {@code 10.9.0.2:5432}, or several of these separated by commas. */
    public String address() {
        Matcher m = HOSTS.matcher(url);
        String hosts = m.matches() ? m.group(1) : "";
        return Arrays.stream((hosts.isEmpty() ? "localhost" : hosts).split(","))
                .map(host -> host.matches(".*:\\d+") ? host : host + ":5432")
                .collect(Collectors.joining(","));
    }
}
