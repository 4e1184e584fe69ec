# Follows what documentation pages point at.
#   perl bin/lib/links.pl PAGE.md...       every relative link and anchor, every path and every file name of ours in the text
#   perl bin/lib/links.pl --book FOLDER    every relative link and anchor of a built book
#   perl bin/lib/links.pl --list SUMMARY   the files that the book of that summary needs: its pages, and what they link to
# The first two print what leads nowhere and end with "N passed, N failed". Run from the repository's root. No network:
# links to other hosts are not followed.
use strict;
use warnings;
use File::Basename qw(basename dirname);
use File::Find;

my ($passed, $failed) = (0, 0);

sub found {
    my ($place, $what, $is_there) = @_;
    if ($is_there) {
        $passed++;
    } else {
        $failed++;
        print "$place: $what\n";
    }
}

sub content {
    my ($file) = @_;
    open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
    local $/;
    return <$in>;
}

# A path without "." and "..", relative to the root as its page is; undef: it leads out of the repository.
sub resolved {
    my ($folder, $path) = @_;
    my @parts;
    for my $part (split m{/}, "$folder/$path") {
        next if $part eq '' || $part eq '.';
        if ($part ne '..') { push @parts, $part }
        elsif (!@parts) { return undef }
        else { pop @parts }
    }
    return join('/', @parts) || '.';
}

# A page without its blocks of code, its lines kept: [number, text] of each.
sub lines_of_prose {
    my ($page) = @_;
    my ($number, $fence, @lines) = (0, '');
    for my $line (split /\n/, content($page)) {
        $number++;
        if ($line =~ /^\s*(```+|~~~+)/) { $fence = $fence eq '' ? $1 : $line =~ /^\s*\Q$fence\E\s*$/ ? '' : $fence; next }
        push @lines, [$number, $line] if $fence eq '';
    }
    return @lines;
}

# The anchors that GitHub gives a page's headings.
my %anchors;
sub anchors {
    my ($page) = @_;
    return $anchors{$page} //= do {
        my %seen;
        my %here;
        for (lines_of_prose($page)) {
            my ($number, $line) = @$_;
            $here{$1} = 1 while $line =~ /<a (?:id|name)="([^"]+)"/g;
            next unless $line =~ /^#{1,6}\s+(.*?)\s*#*$/;
            my $slug = lc $1;
            $slug =~ s/\[([^\]]*)\]\([^)]*\)/$1/g;
            $slug =~ s/[^\w\- ]//g;
            $slug =~ s/ /-/g;
            my $again = $seen{$slug}++;
            $here{$again ? "$slug-$again" : $slug} = 1;
        }
        \%here;
    };
}

# [line, target] of every link and picture of a page that leads to no other host.
sub links {
    my ($page) = @_;
    my @links;
    for (lines_of_prose($page)) {
        my ($number, $line) = @$_;
        $line =~ s/`[^`]*`/` `/g;
        while ($line =~ /\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g) {
            push @links, [$number, $1] unless $1 =~ /^[a-z][a-z0-9+.-]*:/i;
        }
        push @links, [$number, $1] if $line =~ /^\[[^\]]+\]:\s+(\S+)/ && $1 !~ /^[a-z][a-z0-9+.-]*:/i;
    }
    return @links;
}

sub summary_pages {
    my ($summary) = @_;
    return map { resolved(dirname($summary), $_->[1]) // () } links($summary);
}

# The repository's own files and folders; what was built and downloaded is none of it.
my (%files, %folders, %names);
sub look_around {
    find({no_chdir => 1, wanted => sub {
        my $path = $File::Find::name =~ s{^\./}{}r;
        if ($path eq 'target' || $path eq '.git' || $path =~ m{/(?:target|node_modules)$}) { $File::Find::prune = 1; return }
        if (-d) { $folders{$path} = 1 } else { $files{$path} = 1; $names{basename($path)} = 1 }
    }}, '.');
}

# Whether a path, with * and ** for any names, is a file or folder of the repository.
sub is_there {
    my ($path) = @_;
    $path =~ s{/$}{};
    return $files{$path} || $folders{$path} unless $path =~ /\*/;
    my $pattern = join '', map { $_ eq '**/' ? '(?:.*/)?' : $_ eq '*' ? '[^/]*' : quotemeta } $path =~ m{\*\*/|\*|[^*]+}g;
    return grep { /^$pattern$/ } keys %files, keys %folders;
}

sub check_pages {
    my @pages = @_;
    look_around();
    my ($summary) = grep { $_ eq 'docs/SUMMARY.md' } @pages;
    my %in_book = map { $_ => 1 } $summary ? summary_pages($summary) : ();
    my $top = join '|', map { quotemeta } grep { !m{/} && !/^\./ } keys %folders;
    for my $page (@pages) {
        for (links($page)) {
            my ($number, $target) = @$_;
            my $place = "$page:$number";
            my ($path, $anchor) = $target =~ /^([^#]*)(?:#(.*))?$/;
            my $file = $path eq '' ? $page : resolved(dirname($page), $path);
            my $exists = defined $file && is_there($file);
            found($place, "$target leads to nothing", $exists);
            found($place, "$target is a folder, the book has none", 0) if $exists && $folders{$file} && $in_book{$page};
            next unless $exists && $file =~ /\.md$/;
            found($place, "$target: $file has no such heading", anchors($file)->{$anchor}) if defined $anchor;
            found($place, "$target: $file is not in docs/SUMMARY.md, the book has no such page", $in_book{$file})
                if $summary && $in_book{$page};
        }
        next if $page eq 'docs/SUMMARY.md';
        for (lines_of_prose($page)) {
            my ($number, $line) = @$_;
            $line =~ s/\]\([^()\s]*\)/]/g;
            $line =~ s{\b[a-z]+://\S+}{}g;
            # What is left of the asterisks stands for any name: those that are escaped, or in code.
            $line =~ s/(`[^`]*`)/$1 =~ tr{*}{\x01}r/ge;
            $line =~ s/\\\*/\x01/g;
            $line =~ tr/*//d;
            $line =~ tr/\x01/*/;
            $line =~ s/\\_/_/g;
            while ($line =~ m{(?<![\w/.<\$-])((?:$top)/[\w./*-]*[\w/*])}g) {
                found("$page:$number", "$1 is no path of the repository", is_there($1));
            }
            # Tests are often named without their folder.
            while ($line =~ m{(?<![\w/.<-])([a-z][\w*]*\.(?:sql|spec|sh|rs|pl))\b(?![/.]\w)}g) {
                my $name = $1;
                my $pattern = join '[^/]*', map { quotemeta } split /\*/, $name, -1;
                found("$page:$number", "$name is no file of the repository", scalar grep { /^$pattern$/ } keys %names);
            }
        }
    }
    return unless $summary;
    for my $page (grep { m{^docs/} && $_ ne $summary } @pages) {
        found($summary, "$page is not in it", $in_book{$page});
    }
}

sub list {
    my ($summary) = @_;
    my %needed;
    for my $page (summary_pages($summary)) {
        die "$summary: there is no $page\n" unless -f $page;
        $needed{$page} = 1;
        for (links($page)) {
            my $file = resolved(dirname($page), $_->[1] =~ s/#.*//r) // next;
            $needed{$file} = 1 if $_->[1] !~ /^#/ && -f $file;
        }
    }
    print "$_\n" for sort keys %needed;
}

sub check_book {
    my ($book) = @_;
    my (%ids, @pages);
    find({no_chdir => 1, wanted => sub { push @pages, $_ if /\.html$/ }}, $book);
    my $ids_of = sub {
        my ($page) = @_;
        return $ids{$page} //= {map { $_ => 1 } content($page) =~ /\bid="([^"]+)"/g};
    };
    for my $page (@pages) {
        # All chapters once more, for a printer: its links have been rewritten to lead within it.
        next if basename($page) =~ /^(?:print|404)\.html$/;
        my $text = content($page);
        $text =~ s/<!--.*?-->//gs;
        $text =~ s{<script\b[^>]*>.*?</script>}{}gs;
        while ($text =~ /\b(?:href|src)="([^"]*)"/g) {
            my $target = $1;
            next if $target =~ /^(?:[a-z][a-z0-9+.-]*:|#$|$)/i;
            my ($path, $anchor) = $target =~ /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/;
            my $file = $path eq '' ? $page : dirname($page) . "/$path";
            my $exists = -e $file;
            found($page, "$target leads to nothing", $exists);
            found($page, "$target: no such place there", $ids_of->($file)->{$anchor})
                if $exists && defined $anchor && $anchor ne '' && $file =~ /\.html$/;
        }
    }
}

my $how = @ARGV && $ARGV[0] =~ /^--/ ? shift @ARGV : '';
if ($how eq '--list') { list(@ARGV); exit 0 }
elsif ($how eq '--book') { check_book(@ARGV) }
elsif ($how eq '') { check_pages(@ARGV) }
else { die "links.pl: $how?\n" }
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
