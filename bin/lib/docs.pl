# Runs the SQL of documentation pages and compares what it prints with what the page shows.
#   perl bin/lib/docs.pl PAGE.md...            one check a block of SQL; ends with "N passed, N failed"
#   perl bin/lib/docs.pl --update PAGE.md...   writes what was printed into the pages, to be read and judged
# A block ```sql is run by psql, all blocks of a page in one session and a database of its own. Where a
# block ```text follows it directly, that is what it must print; where none does, it must not fail.
# Ids differ from run to run: before comparing, every id of 24 hex digits, UUID, base64 identifier and
# Unix time in milliseconds is replaced by a word.
# The server is the one of PGHOST & Co. (bin/with-cluster).
use strict;
use warnings;
use File::Temp;

my $update = @ARGV && $ARGV[0] eq '--update' && shift @ARGV;
my ($passed, $failed) = (0, 0);

sub masked {
    my ($text) = @_;
    $text =~ s/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/UUID/g;
    $text =~ s/\b[0-9a-f]{24}\b/ID/g;
    $text =~ s/\beyJ[0-9A-Za-z+\/]+={0,2}/BASE64/g;
    $text =~ s/\b1[5-9]\d{11}\b/MILLISECONDS/g;
    # The masks are of other lengths than what they hide: neither rules nor padding count.
    $text =~ s/^ *-[-+]*$/RULE/mg;
    $text =~ s/ +/ /g;
    $text =~ s/^ | $//mg;
    return $text;
}

sub psql {
    my ($database, $sql) = @_;
    my $file = File::Temp->new(SUFFIX => '.sql');
    print $file $sql;
    close $file;
    my $printed = `psql -X -q -d $database -P pager=off -v VERBOSITY=default -v SHOW_CONTEXT=never -f $file 2>&1`;
    $printed =~ s/^psql:\Q$file\E:\d+: //mg;
    return $printed;
}

for my $page (@ARGV) {
    open my $in, '<', $page or die "$page: $!";
    my $text = do { local $/; <$in> };
    close $in;
    # Each block of SQL, and the block of text right behind it.
    my @blocks;
    while ($text =~ /^```sql\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?/gms) {
        push @blocks, {sql => $1, expected => $2, from => $-[0], to => $+[0],
                       line => 1 + (substr($text, 0, $-[0]) =~ tr/\n//)};
    }
    next unless @blocks;
    (my $database = "docs_$page") =~ s/[^a-z0-9]+/_/gi;
    $database = lc $database;
    psql('postgres', "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database;");
    my $script = '';
    $script .= "\\echo <<<$_>>>\n$blocks[$_]{sql}\n" for 0 .. $#blocks;
    my $printed = psql($database, $script);
    psql('postgres', "DROP DATABASE $database;");
    my %printed = $printed =~ /^<<<(\d+)>>>\n(.*?)(?=^<<<\d+>>>\n|\z)/gms;
    for my $index (0 .. $#blocks) {
        my $block = $blocks[$index];
        my $found = $printed{$index} // '';
        $block->{found} = $found;
        my $fine = defined $block->{expected} ? masked($found) eq masked($block->{expected}) : $found !~ /ERROR:/;
        if ($fine) {
            $passed++;
        } else {
            $failed++;
            print "$page:$block->{line}: this block does not print what the page shows, but:\n$found\n";
        }
    }
    next unless $update;
    for my $block (reverse @blocks) {
        next unless defined $block->{expected} && masked($block->{found}) ne masked($block->{expected});
        substr($text, $block->{from}, $block->{to} - $block->{from}) =
            "```sql\n$block->{sql}```\n\n```text\n$block->{found}```\n";
    }
    open my $out, '>', $page or die "$page: $!";
    print $out $text;
    close $out;
}
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
