package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Run;
import io.slipway.protocol.ErrorCode;
import io.slipway.worker.rootfs.Accounts;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.sandbox.ContainerUser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Who a RUN's command runs as: what USER says, looked up in the image (dockerfile.md §5 USER). */
final class RunUser {
    private RunUser() {}

    /**
     * Looks the user up.
     *
     * @param text what USER says, or null
     * @param run the instruction to blame
     */
    static ContainerUser of(@Nullable String text, Run run, RootTree root) throws IOException, BuildFailure {
        if (text == null || text.isEmpty()) {
            return ContainerUser.ROOT;
        }
        Accounts accounts = Accounts.of(root);
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String group = colon < 0 ? "" : text.substring(colon + 1);
        OptionalInt number = Accounts.number(name);
        Accounts.Account account = accounts.user(name);
        if (account == null && number.isPresent()) {
            account = accounts.user(number.getAsInt());
        }
        if (account == null && number.isEmpty()) {
            throw BuildFailure.at(
                    run.origin(),
                    ErrorCode.INSTRUCTION_FAILED,
                    "the user \"" + name + "\" of USER is not in the image's /etc/passwd",
                    "add it with useradd or adduser before this line, or use its number");
        }
        int uid = number.orElseGet(() -> 0);
        int gid = 0;
        String home = "/";
        List<Integer> groups = List.of();
        if (account != null) {
            uid = account.uid();
            gid = account.gid();
            home = account.home();
            groups = group.isEmpty() ? accounts.groupsOf(account.name()) : groups;
        }
        if (!group.isEmpty()) {
            OptionalInt groupId = Accounts.number(group);
            if (groupId.isEmpty()) {
                groupId = accounts.group(group);
            }
            if (groupId.isEmpty()) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "the group \"" + group + "\" of USER is not in the image's /etc/group",
                        "add it with groupadd or addgroup before this line, or use its number");
            }
            gid = groupId.getAsInt();
        }
        // As in the reference, the primary group is among the supplementary ones.
        List<Integer> all = new ArrayList<>(List.of(gid));
        for (int supplementary : groups) {
            if (supplementary != gid) {
                all.add(supplementary);
            }
        }
        return new ContainerUser(uid, gid, all, home);
    }
}
