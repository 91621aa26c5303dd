package io.watchkeeper.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretShapesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            postgresql://app:hunter2x@db:5432/app                        | postgresql://app:[redacted]@db:5432/app
            postgresql://app:p@ss@db/app and more                        | postgresql://app:[redacted]@db/app and more
            host=db user=app password=hunter2x dbname=app                | host=db user=app password=[redacted] dbname=app
            host=db password = 'hun ter''2x' dbname=app                  | host=db password = [redacted] dbname=app
            jdbc:postgresql://db/app?user=a&password=hunter2x&ssl=true   | jdbc:postgresql://db/app?user=a&password=[redacted]&ssl=true
            PGPASSWORD=hunter2x psql                                     | PGPASSWORD=[redacted] psql
            SHORE_PASSWORD=hunter2x                                      | SHORE_PASSWORD=[redacted]
            aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYKEY    | aws_secret_access_key = [redacted]
            CREATE ROLE a LOGIN PASSWORD 'hunter2x' VALID UNTIL 'x'      | CREATE ROLE a LOGIN PASSWORD '[redacted]' VALID UNTIL 'x'
            alter user a password E'hunter2x'                            | alter user a password '[redacted]'
            alter user a password E'hun\\'ter2x' valid until 'x'         | alter user a password '[redacted]' valid until 'x'
            host=db password='hun\\'ter2x' dbname=app                    | host=db password=[redacted] dbname=app
            alter user a encrypted password 'it''s "hunter2x"'; select 1 | alter user a encrypted password '[redacted]'; select 1
            alter user a password $x$hunter2x$x$                         | alter user a password '[redacted]'
            OPTIONS (user 'a', password 'hunter2x')                      | OPTIONS (user 'a', password '[redacted]')
            STATEMENT: alter role a password 'hunter2x cut o             | STATEMENT: alter role a password '[redacted]'
            {"user":"a","password":"hunter2x"}                           | {"user":"a","password":"[redacted]"}
            {"text":"{\\"api_key\\": \\"hunter2x\\"}"}                   | {"text":"{\\"api_key\\": \\"[redacted]\\"}"}
            Authorization: Bearer hunter2x-and-more                      | Authorization: Bearer [redacted]
            authorization: basic dXNlcjpodW50ZXIyeA==                    | authorization: basic [redacted]
            password: hunter2x                                           | password: [redacted]
            key AKIAIOSFODNN7EXAMPLE is                                  | key [redacted] is
            ghp_abcdefghijklmnopqrstuvwxyz0123456789                     | [redacted]
            xoxb-123456789012-abcdefghijkl                               | [redacted]
            eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3 | [redacted]
            AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQ | [redacted]
            SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy                | [redacted]
            md5a3556571e93b0d20722ba62be61e8c2d                          | [redacted]
            -----BEGIN PRIVATE KEY-----\\nMIIBVgIBADAN\\n-----END PRIVATE KEY----- end | [redacted] end
            -----BEGIN EC PRIVATE KEY-----MIIBVgIBADAN cut off           | [redacted]
            """)
    void takesOutWhatLooksLikeASecret(String text, String redacted) {
        assertThat(Secret.redact(text)).isEqualTo(redacted);
        assertThat(Secret.redact(redacted)).as("a second time").isEqualTo(redacted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check databases.shore.user and passwordFile.",
                "password authentication failed for user \"app\"",
                "'databases.shore.password' and 'databases.shore.passwordFile' are both set",
                "send it as Authorization: Bearer, or by basic authentication",
                "http://10.9.0.2:8008/patroni and http://[::1]:9763/ are up",
                "the token 'ops' has no scope for this",
                "maxTokens=5 tokens=7",
                "select md5(v) from t",
                "md5: 9e107d9d372bb6826bd81d3542a419d6",
                "passwordFile: /etc/watchkeeper/secrets/shore.password",
                "a certificate that bears no name",
                "ALTER ROLE a PASSWORD NULL",
            })
    void leavesOtherTextAlone(String text) {
        assertThat(Secret.redact(text)).isEqualTo(text);
    }

    /** What is taken out of a document as a whole must leave it a document. */
    @Test
    void leavesDocumentsReadable() throws Exception {
        String document = new ObjectMapper()
                .writeValueAsString(Map.of(
                        "statement", "alter role a password 'hunter2x'",
                        "address", "postgresql://a:hunter2x@db/x",
                        "options", List.of("password=hunter2x", "token=\"hunter2x\""),
                        "key", "-----BEGIN PRIVATE KEY-----\nhunter2x\n",
                        "password", "hunter2x"));

        String redacted = Secret.redact(document);

        assertThatCode(() -> new ObjectMapper().readTree(redacted)).doesNotThrowAnyException();
        assertThat(redacted).doesNotContain("hunter2x");
    }

    @Test
    void longTextsTakeNoLongerThanTheyMust() {
        String text = "password" + " '".repeat(100_000) + "://" + "a".repeat(200_000) + "\"token\\".repeat(20_000)
                + "-----BEGIN PRIVATE KEY-----" + "=".repeat(200_000) + "\n".repeat(200_000) + "token"
                + "eyJ-".repeat(50_000) + "password $a1$ ".repeat(5_000);
        long began = System.nanoTime();

        assertThat(Secret.redact(text)).isNotEmpty();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
}
