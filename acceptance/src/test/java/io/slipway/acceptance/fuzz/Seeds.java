package io.slipway.acceptance.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.acceptance.fixture.Programs;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What fuzzing starts from: the recorded cases, and tars as GNU tar writes them. */
final class Seeds {
    private Seeds() {}

    /** Writes each recorded Dockerfile to {@code directory}. */
    static void dockerfiles(Path directory) throws IOException {
        int number = 0;
        for (LanguageCase recorded : LanguageCases.all()) {
            String dockerfile = recorded.dockerfile("http://127.0.0.1:1", "git://127.0.0.1:2");
            if (dockerfile != null) {
                write(directory, number++, dockerfile);
            }
        }
    }

    /** Writes each recorded ignore file to {@code directory}, below a path. */
    static void ignoreFiles(Path directory) throws IOException {
        int number = 0;
        for (LanguageCase recorded : LanguageCases.all()) {
            for (LanguageCase.Part part : recorded.parts()) {
                if (part instanceof LanguageCase.Part.ContextFile file
                        && file.path().endsWith(".dockerignore")) {
                    write(directory, number++, "a/b/c.txt\n" + file.text());
                }
            }
        }
    }

    /** Writes tars with all kinds of entries to {@code directory}. */
    static void tars(Path directory) {
        for (String options : List.of(
                "--format=gnu",
                "--format=pax --sparse",
                "--format=ustar",
                "--format=pax --xattrs --sparse-version=0.0 --sparse",
                "--format=gnu --sparse",
                "--format=oldgnu")) {
            Programs.run("bash", "-ec", """
                    d=$(mktemp -d); trap 'rm -r "$d"' EXIT; mkdir $d/t; cd $d/t; echo text >file; ln file hard; ln -s file soft; mkfifo pipe
                    mkdir -m 1777 folder; echo x >"folder/$(printf %090d 0)"; truncate -s 20000 sparse; echo end >>sparse
                    tar -C $d/t -cf "$1/$(echo "$2" | tr -c 'a-z0-9\\n' -)" --numeric-owner $2 .
                    """, "tar", directory.toString(), options);
        }
    }

    private static void write(Path directory, int number, String text) throws IOException {
        Files.write(directory.resolve(Integer.toString(number)), text.getBytes(UTF_8));
    }
}
