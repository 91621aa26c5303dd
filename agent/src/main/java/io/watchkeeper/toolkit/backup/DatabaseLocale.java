package io.watchkeeper.toolkit.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How a database encodes and sorts texts.
 *
 * @param provider {@code c} for the system's library, {@code i} for ICU, {@code b} for PostgreSQL's own
 * @param locale of ICU or of PostgreSQL's own provider; null for the system's library
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record DatabaseLocale(
        String encoding,
        String collate,
        String ctype,
        String provider,
        @Nullable String locale) {

    /** Of the database that the session is in. The columns differ between versions, so that they are read by name. */
    static DatabaseLocale read(Session session) throws SQLException {
        return session.oneVerbatim(
                """
                select pg_encoding_to_char(encoding), datcollate, datctype, coalesce(d->>'datlocprovider', 'c'),
                       coalesce(d->>'datlocale', d->>'daticulocale')
                  from (select *, to_jsonb(pg_database) d from pg_database where datname = current_database()) one""",
                row -> new DatabaseLocale(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)));
    }

    /** The statement that makes an empty database like it. */
    String create(String name) {
        String sql = "CREATE DATABASE " + Identifiers.quote(name) + " TEMPLATE template0 ENCODING "
                + Identifiers.quoteLiteral(encoding) + " LC_COLLATE " + Identifiers.quoteLiteral(collate) + " LC_CTYPE "
                + Identifiers.quoteLiteral(ctype);
        if (locale == null) {
            return sql;
        }
        return sql
                + switch (provider) {
                    case "i" -> " LOCALE_PROVIDER icu ICU_LOCALE " + Identifiers.quoteLiteral(locale);
                    case "b" -> " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + Identifiers.quoteLiteral(locale);
                    default -> "";
                };
    }
}
