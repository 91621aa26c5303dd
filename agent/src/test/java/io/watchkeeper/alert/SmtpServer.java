package io.watchkeeper.alert;

import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;

/** As much of SMTP as one client at a time needs. */
final class SmtpServer implements AutoCloseable {
    private final ServerSocket socket;
    private final boolean refuseReceivers;
    final List<MimeMessage> mails = new CopyOnWriteArrayList<>();
    final List<String> logins = new CopyOnWriteArrayList<>();

    SmtpServer(boolean refuseReceivers) throws IOException {
        this.refuseReceivers = refuseReceivers;
        socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "smtp-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                converse(client);
            } catch (Exception e) {
                // The client went away, or the test is over.
            }
        }
    }

    private void converse(Socket client) throws Exception {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        OutputStream out = client.getOutputStream();
        say(out, "220 test");
        String line;
        while ((line = in.readLine()) != null) {
            String command = line.split(" ")[0].toUpperCase(java.util.Locale.ROOT);
            switch (command) {
                case "EHLO" -> say(out, "250-test\r\n250 AUTH PLAIN");
                case "AUTH" -> {
                    logins.add(new String(Base64.getDecoder().decode(line.split(" ")[2]), StandardCharsets.UTF_8));
                    say(out, "235 welcome");
                }
                case "RCPT" -> say(out, refuseReceivers ? "550 nobody here" : "250 fine");
                case "DATA" -> {
                    say(out, "354 go on");
                    mails.add(message(in));
                    say(out, "250 taken");
                }
                case "QUIT" -> {
                    say(out, "221 bye");
                    return;
                }
                default -> say(out, "250 fine");
            }
        }
    }

    private static MimeMessage message(BufferedReader in) throws Exception {
        StringBuilder text = new StringBuilder();
        String line;
        while ((line = in.readLine()) != null && !line.equals(".")) {
            text.append(line).append("\r\n");
        }
        return new MimeMessage(
                Session.getInstance(new Properties()),
                new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
