package io.watchkeeper.postgres;

import io.watchkeeper.units.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A database as configured.
 *
 * @param name how runbooks call it
 * @param url {@code jdbc:postgresql://host:port/db}, several hosts allowed; never holds a password
 * @param password null for peer, certificate or trust authentication
 * @param maxConnections the cap over everything this agent does there
 * @param standbyOf the name of the database this one is a physical standby of; null when it is not
 * @param local whether its server is on this host
 */
public record DatabaseSettings(
        String name,
        String url,
        String user,
        @Nullable Secret password,
        int maxConnections,
        @Nullable String standbyOf,
        boolean local) {}
