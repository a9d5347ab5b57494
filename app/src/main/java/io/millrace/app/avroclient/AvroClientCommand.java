/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.MillraceException;
import io.millrace.app.BuildVersion;
import io.millrace.app.CommandFailedException;
import io.millrace.app.Terminal;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace avro-client}. */
@Command(
    name = "avro-client",
    description = {
      "Sends lines to an avro source, an event each: of a file, of a directory of files, or of"
          + " standard input. Ends when all are acknowledged."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace avro-client -H collector -p 4141 -F access.log",
      "  tail -F access.log | millrace avro-client -H collector -p 4141 -R headers.properties",
      "  millrace avro-client -P servers.properties --dirname /var/spool/done --retry-for 60",
      "%nFILE of --rpcProps, as for Flume's client: hosts = h1 h2, hosts.h1 = collector1:4141,"
          + " batch-size, connect-timeout, request-timeout (ms), compression-type, ssl,"
          + " truststore, ... Several servers are tried in turn.",
      "%nExit status: 0 everything is acknowledged, 1 it is not, 2 options not understood."
    })
public final class AvroClientCommand implements Callable<Integer> {
  private static final int BATCH_SIZE = 1000;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-H", "--host"},
      paramLabel = "HOST",
      description = "Where the source listens.")
  private Optional<String> host = Optional.empty();

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "The port it listens on.")
  private Optional<Integer> port = Optional.empty();

  @Option(
      names = {"-P", "--rpcProps"},
      paramLabel = "FILE",
      description = "Properties of the connection, in place of host and port.")
  private Optional<Path> rpcProps = Optional.empty();

  @Option(
      names = {"-F", "--filename"},
      paramLabel = "FILE",
      description = "File to send. Standard input when neither this nor --dirname is given.")
  private Optional<Path> filename = Optional.empty();

  @Option(
      names = "--dirname",
      paramLabel = "DIR",
      description =
          "Directory to send: its files, oldest first. Each is renamed to NAME.COMPLETED when all"
              + " of it is acknowledged; hidden ones are left out.")
  private Optional<Path> dirname = Optional.empty();

  @Option(
      names = {"-R", "--headerFile"},
      paramLabel = "FILE",
      description = "Properties file; each pair becomes a header of every event.")
  private Optional<Path> headerFile = Optional.empty();

  @Option(
      names = "--retry-for",
      paramLabel = "S",
      description =
          "Try again for so many seconds while no server takes events. Default: ${DEFAULT-VALUE},"
              + " fail at once.",
      defaultValue = "0")
  private int retrySeconds;

  @Override
  public Integer call() throws InterruptedException {
    requireSensible();
    PrintWriter err = spec.commandLine().getErr();
    RpcProperties connection = connection();
    connection.remarks().forEach(remark -> err.println("millrace: " + remark));
    EncodedHeaders headers = EncodedHeaders.of(headerFile.map(this::properties).orElse(Map.of()));
    List<SpoolDirectory.Spooled> files = files();
    SendProgress progress =
        new SendProgress(err, Terminal.columns(), totalBytes(files), System::nanoTime);
    String reading = "standard input";
    try (BatchSender sender =
        new BatchSender(
            connection.servers(),
            Duration.ofSeconds(retrySeconds),
            (origin, events, bytes) -> progress.passed(events, bytes),
            remark -> {
              progress.clear();
              err.println("millrace: " + remark);
              err.flush();
            })) {
      try {
        if (filename.isEmpty() && dirname.isEmpty()) {
          // Not System.in: its buffer would hide whether there is more to read at once.
          send(new FileInputStream(java.io.FileDescriptor.in), headers, connection, sender);
        }
        for (SpoolDirectory.Spooled file : files) {
          reading = file.path().toString();
          try (InputStream stream = new FileInputStream(file.path().toFile())) {
            send(stream, headers, connection, sender);
          }
          if (dirname.isPresent()) {
            new SpoolDirectory(dirname.get()).complete(file);
          }
        }
      } catch (SendFailedException | IOException e) {
        progress.clear();
        throw new CommandFailedException(1, failure(reading, e, sender), e);
      }
      progress.clear();
      err.println("Sent " + progress.summary() + ", to " + sender.target() + ".");
      err.flush();
    }
    return 0;
  }

  private static void send(
      InputStream stream, EncodedHeaders headers, RpcProperties connection, BatchSender sender)
      throws IOException, SendFailedException, InterruptedException {
    new LineBatches(headers, connection.batchSize(), sender::send).read(stream);
    sender.finish();
  }

  private String failure(String reading, Exception cause, BatchSender sender) {
    long acknowledged = sender.acknowledged();
    String events =
        acknowledged == 0
            ? "No event was acknowledged"
            : String.format(Locale.ROOT, "Acknowledged: the first %,d", acknowledged);
    return reading
        + " was not sent to its end: "
        + cause.getMessage()
        + (cause instanceof IOException ? " (" + cause.getClass().getSimpleName() + ")" : "")
        + "\n"
        + events
        + (dirname.isPresent() ? "; the files named .COMPLETED are done." : ".");
  }

  private void requireSensible() {
    if (rpcProps.isEmpty() && (host.isEmpty() || port.isEmpty())) {
      notUnderstood("Where to? Give --host and --port, or --rpcProps.");
    }
    if (rpcProps.isPresent() && (host.isPresent() || port.isPresent())) {
      notUnderstood("--rpcProps names the servers; leave out --host and --port.");
    }
    if (port.isPresent() && (port.get() < 1 || port.get() > 65535)) {
      notUnderstood("--port: " + port.get() + " (expected: 1 to 65535)");
    }
    if (filename.isPresent() && dirname.isPresent()) {
      notUnderstood("--filename and --dirname exclude each other.");
    }
    if (retrySeconds < 0) {
      notUnderstood("--retry-for: " + retrySeconds + " (expected: 0 or more seconds)");
    }
  }

  private void notUnderstood(String message) {
    throw new ParameterException(spec.commandLine(), message);
  }

  private RpcProperties connection() {
    if (rpcProps.isEmpty()) {
      return RpcProperties.of(host.orElseThrow(), port.orElseThrow(), BATCH_SIZE);
    }
    try {
      return RpcProperties.parse(properties(rpcProps.get()));
    } catch (IllegalArgumentException | MillraceException e) {
      throw new CommandFailedException(1, rpcProps.get() + ": " + e.getMessage(), e);
    }
  }

  private Map<String, String> properties(Path file) {
    try {
      return RpcProperties.read(file);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailedException(1, unreadable(file, e), e);
    }
  }

  private List<SpoolDirectory.Spooled> files() {
    Path named = filename.or(() -> dirname).orElse(Path.of(""));
    try {
      if (dirname.isPresent()) {
        if (!Files.isDirectory(named)) {
          throw new CommandFailedException(
              1, named + (Files.exists(named) ? ": not a directory" : ": no such directory"));
        }
        return new SpoolDirectory(named).open();
      }
      if (filename.isPresent()) {
        if (Files.isDirectory(named)) {
          throw new CommandFailedException(1, named + ": a directory (use --dirname)");
        }
        return List.of(
            new SpoolDirectory.Spooled(named, Files.size(named), Files.getLastModifiedTime(named)));
      }
      return List.of();
    } catch (IOException e) {
      throw new CommandFailedException(1, unreadable(named, e), e);
    }
  }

  private static String unreadable(Path file, Exception e) {
    return file
        + (e instanceof NoSuchFileException
            ? ": no such file"
            : ": cannot be read: " + e.getClass().getSimpleName() + ": " + e.getMessage());
  }

  private long totalBytes(List<SpoolDirectory.Spooled> files) {
    return filename.isEmpty() && dirname.isEmpty()
        ? SendProgress.UNKNOWN
        : files.stream().mapToLong(SpoolDirectory.Spooled::bytes).sum();
  }
}
