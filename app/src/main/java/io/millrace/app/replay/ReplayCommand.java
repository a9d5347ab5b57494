/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.MillraceException;
import io.millrace.app.BuildVersion;
import io.millrace.app.CommandFailedException;
import io.millrace.app.SiNumber;
import io.millrace.app.Terminal;
import io.millrace.app.avroclient.BatchSender;
import io.millrace.app.avroclient.RpcProperties;
import io.millrace.app.avroclient.SendFailedException;
import io.millrace.app.avroclient.SendProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace replay}. */
@Command(
    name = "replay",
    description = {
      "Sends events that file_roll has stored in again, to an avro source: those of a time, or"
          + " all.",
      "Broken off, by kill -9 too, the same call goes on where it stood; a Millrace server drops"
          + " what it has had of it. A Flume server may have some twice."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace replay /mnt/copy --to collector:4141 --from 2026-11-23T14:00 --until 2026-11-24",
      "  millrace replay /mnt/copy --from -2h --dry-run",
      "  millrace replay /mnt/copy --to c1:4141 --to c2:4141 --rate 20k --header replayed=true",
      "%nTIME is "
          + TimeBound.FORMS
          + ". It is compared with the header timestamp; for events"
          + " without one, with the time of their block (millrace_batch) or of their file.",
      "%nExit status: 0 everything is sent and was sound, 1 not everything is acknowledged (call"
          + " again), 2 options not understood, 3 all that is sound is sent, and something was left"
          + " out, which is told by name."
    })
public final class ReplayCommand implements Callable<Integer> {
  private static final int BATCH_SIZE = 1000;
  private static final int STATUS_LEFT_OUT = 3;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Directory of file_roll.")
  private Path directory;

  @Option(
      names = "--to",
      paramLabel = "HOST:PORT",
      description = "Where an avro source listens. Several are tried in turn.")
  private List<String> targets = List.of();

  @Option(
      names = {"-P", "--rpcProps"},
      paramLabel = "FILE",
      description =
          "Properties of the connection as for avro-client: ssl, truststore, compression-type,"
              + " request-timeout, batch-size, ...; its hosts where --to names none.")
  private Optional<Path> rpcProps = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "First moment of the window. A time without an offset is one of this host's zone.")
  private Optional<String> from = Optional.empty();

  @Option(names = "--until", paramLabel = "TIME", description = "First moment behind it.")
  private Optional<String> until = Optional.empty();

  @Option(
      names = "--header",
      paramLabel = "NAME=VALUE",
      description = "Header that every event gets; in the place of one of that name.")
  private Map<String, String> headers = Map.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Most events a second: 500, 20k, 1M. Default: as many as are taken.")
  private Optional<String> rate = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "How the files are written: millrace_batch, avro_event, text, header_and_text. Default:"
              + " found out, but for header_and_text.")
  private Optional<StoredFormat> format = Optional.empty();

  @Option(names = "--dry-run", description = "Reads and counts; sends nothing, writes nothing.")
  private boolean isDryRun;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description =
          "Where it is kept how far this replay is. Default: a file of its own in"
              + " ~/.local/state/millrace.")
  private Optional<Path> state = Optional.empty();

  @Option(
      names = "--again",
      description = "Begins anew, under a new identity: what was sent before comes twice.")
  private boolean isAgain;

  @Option(
      names = "--retry-for",
      paramLabel = "S",
      description =
          "Try again for so many seconds while no server takes events. Default: ${DEFAULT-VALUE}.",
      defaultValue = "60")
  private int retrySeconds;

  private final ZoneId zone = ZoneId.systemDefault();

  @Override
  public Integer call() throws InterruptedException {
    if (retrySeconds < 0) {
      notUnderstood("--retry-for: " + retrySeconds + " (expected: 0 or more seconds)");
    }
    Pace pace =
        Pace.of(rate.map(text -> understood("--rate", () -> SiNumber.parse(text))).orElse(0L));
    ReplayRequest request =
        new ReplayRequest(realDirectory(), from.orElse(""), until.orElse(""), headers, format);
    if (isDryRun) {
      return dryRun(request);
    }
    RpcProperties connection = connection();
    Path stateFile = state.orElseGet(() -> StateDirectory.ofUser().resolve(request));
    try (JobFiles files =
        JobFiles.lock(stateFile)
            .orElseThrow(
                () ->
                    new CommandFailedException(
                        1, stateFile + ": another replay runs with this state. Wait for it."))) {
      return replay(request, files, connection, pace);
    } catch (IOException e) {
      throw new CommandFailedException(
          1,
          stateFile
              + ": the state of the replay cannot be kept there: "
              + e
              + ". Name another file by --state.",
          e);
    }
  }

  private int replay(ReplayRequest request, JobFiles files, RpcProperties connection, Pace pace)
      throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    connection.remarks().forEach(remark -> err.println("millrace: " + remark));
    Optional<ReplayJob> earlier = earlier(request, files);
    ReplayJob job = earlier.isPresent() ? earlier.get() : plan(request, files.all());
    ReplayProgress from = files.progress(job.journal());
    if (earlier.isEmpty()) {
      files.begin(job);
      from = ReplayProgress.none(job.journal());
      err.println("millrace: replaying " + ReplayReport.plan(job, zone));
      err.println("millrace: if this is broken off, the same call goes on (" + files.path() + ")");
    } else if (!from.isComplete()) {
      err.println(
          "millrace: going on with the replay begun "
              + ReplayWindow.time(job.begunMillis(), zone)
              + ", of which "
              + ReplayReport.events(from.acknowledgedEvents())
              + " are acknowledged: "
              + ReplayReport.plan(job, zone));
    }
    Findings findings = new Findings();
    job.foreign().forEach(findings::add);
    from.findings().forEach(findings::add);
    if (from.isComplete()) {
      err.println(
          "millrace: this replay was completed before, with "
              + ReplayReport.events(from.acknowledgedEvents())
              + "; nothing is sent. --again sends them once more.");
      return status(findings, spec.commandLine().getOut());
    }
    return send(job, files, from, findings, connection, pace);
  }

  /** The job of an earlier run that this call goes on with. */
  private Optional<ReplayJob> earlier(ReplayRequest request, JobFiles files) throws IOException {
    Optional<ReplayJob> found = isAgain ? Optional.empty() : files.job();
    if (found.isPresent() && !found.get().isOf(request)) {
      throw new CommandFailedException(
          1,
          files.path()
              + " is the state of another replay: of "
              + ReplayReport.plan(found.get(), zone)
              + ". Name another file by --state, or begin anew in this one with --again.");
    }
    // "The last two hours" are others by now; unless that replay was broken off.
    boolean isOver =
        found.isPresent()
            && request.hasRelativeBound()
            && files.progress(found.get().journal()).isComplete();
    return isOver ? Optional.empty() : found;
  }

  private int send(
      ReplayJob job,
      JobFiles files,
      ReplayProgress from,
      Findings findings,
      RpcProperties connection,
      Pace pace)
      throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    SendProgress progress =
        new SendProgress(
            "Replaying",
            err,
            Terminal.columns(),
            job.totalBytes(),
            job.bytesBefore(ReplayJob.fileIndex(from.acknowledgedEnd())),
            System::nanoTime);
    Consumer<String> remarks =
        remark -> {
          progress.clear();
          err.println("millrace: " + remark);
          err.flush();
        };
    Tally tally = new Tally();
    ReplaySender sending =
        new ReplaySender(job, files, from, findings, progress, pace, remarks, System::nanoTime);
    try (BatchSender sender =
        new BatchSender(connection.servers(), Duration.ofSeconds(retrySeconds), sending, remarks)) {
      Replay replay =
          new Replay(job, pace.batchSize(connection.batchSize()), findings, tally, sending);
      sending.run(sender, replay);
      progress.clear();
      PrintWriter out = spec.commandLine().getOut();
      out.println("Replayed " + progress.summary() + ", to " + sender.target() + ".");
      if (from.acknowledgedEvents() > 0) {
        out.println("  with earlier runs " + ReplayReport.events(sending.acknowledgedEvents()));
      }
      out.print(ReplayReport.times(tally, zone));
      return status(findings, out);
    } catch (SendFailedException e) {
      progress.clear();
      throw new CommandFailedException(
          1,
          "not everything was replayed: "
              + e.getMessage()
              + "\nAcknowledged: "
              + ReplayReport.events(sending.acknowledgedEvents())
              + ". The same call goes on behind them.",
          e);
    }
  }

  private int dryRun(ReplayRequest request) throws InterruptedException {
    Set<Path> own = state.map(file -> Set.of(file.toAbsolutePath().normalize())).orElse(Set.of());
    ReplayJob job = plan(request, own);
    Findings findings = new Findings();
    job.foreign().forEach(findings::add);
    Tally tally = new Tally();
    PrintWriter err = spec.commandLine().getErr();
    SendProgress progress =
        new SendProgress("Reading", err, Terminal.columns(), job.totalBytes(), 0, System::nanoTime);
    try {
      new Replay(
              job,
              BATCH_SIZE,
              findings,
              tally,
              (batch, first, bytes) -> progress.passed(batch.eventCount(), bytes))
          .run(0);
    } catch (SendFailedException e) {
      throw new IllegalStateException("Nothing is sent by a dry run", e);
    }
    progress.clear();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Would replay "
            + ReplayReport.events(tally.selectedEvents())
            + ": "
            + ReplayReport.plan(job, zone)
            + ".");
    out.print(ReplayReport.times(tally, zone));
    return status(findings, out);
  }

  private static int status(Findings findings, PrintWriter out) {
    out.print(ReplayReport.findings(findings.kept(), findings.lostEvents()));
    out.flush();
    return findings.hasProblems() ? STATUS_LEFT_OUT : 0;
  }

  /** A new job; one that goes on keeps the window it was begun with. */
  private ReplayJob plan(ReplayRequest request, Set<Path> own) {
    ReplayWindow window = window();
    long nowMillis = System.currentTimeMillis();
    try {
      DirectoryPlan plan =
          DirectoryPlan.of(request.directory(), window, request.format(), own, nowMillis);
      return new ReplayJob(
          ReplayJob.VERSION,
          UUID.randomUUID(),
          new SecureRandom().nextLong(),
          request.directory().toString(),
          request.fromText(),
          request.untilText(),
          request.headers(),
          request.formatText(),
          window,
          nowMillis,
          plan.files(),
          plan.foreign(),
          plan.passedOver());
    } catch (IOException e) {
      throw new CommandFailedException(1, directory + ": cannot be read: " + e, e);
    }
  }

  private Path realDirectory() {
    if (!Files.isDirectory(directory)) {
      throw new CommandFailedException(
          1, directory + (Files.exists(directory) ? ": not a directory" : ": no such directory"));
    }
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw new CommandFailedException(1, directory + ": cannot be read: " + e, e);
    }
  }

  private ReplayWindow window() {
    Instant now = Instant.now();
    long fromMillis =
        from.map(text -> millis("--from", text, now)).orElse(ReplayWindow.ALL.fromMillis());
    long untilMillis =
        until.map(text -> millis("--until", text, now)).orElse(ReplayWindow.ALL.untilMillis());
    if (fromMillis >= untilMillis) {
      notUnderstood("--from has to be before --until: nothing lies between them");
    }
    return new ReplayWindow(fromMillis, untilMillis);
  }

  private long millis(String option, String text, Instant now) {
    return understood(option, () -> TimeBound.parse(text, now, zone).toEpochMilli());
  }

  private <T> T understood(String option, Callable<T> reading) {
    try {
      return reading.call();
    } catch (Exception e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }

  private void notUnderstood(String message) {
    throw new ParameterException(spec.commandLine(), message);
  }

  private RpcProperties connection() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("batch-size", Integer.toString(BATCH_SIZE));
    try {
      if (rpcProps.isPresent()) {
        properties.putAll(RpcProperties.read(rpcProps.get()));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailedException(1, rpcProps.get() + ": cannot be read: " + e, e);
    }
    if (!targets.isEmpty()) {
      properties.keySet().removeIf(key -> key.equals("hosts") || key.startsWith("hosts."));
      putTargets(properties);
    } else if (!properties.containsKey("hosts")) {
      notUnderstood("Where to? Give --to HOST:PORT, or hosts in the file of --rpcProps.");
    }
    try {
      return RpcProperties.parse(properties);
    } catch (IllegalArgumentException | MillraceException e) {
      throw new CommandFailedException(1, e.getMessage(), e);
    }
  }

  private void putTargets(Map<String, String> properties) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < targets.size(); i++) {
      String address = targets.get(i);
      if (!address.matches(".+:\\d{1,5}")) {
        notUnderstood("--to: '" + address + "' (expected: HOST:PORT)");
      }
      names.append(" h").append(i);
      properties.put("hosts.h" + i, address.replaceAll("[\\[\\]]", ""));
    }
    properties.put("hosts", names.toString().trim());
  }
}
