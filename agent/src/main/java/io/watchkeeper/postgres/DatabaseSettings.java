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
        @Nullable String monitor) {

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
                monitor);
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
