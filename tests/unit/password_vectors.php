<?php
/**
 * Prints hashes that PHP itself and phpass's own class make, for test_passwords_vectors.py.
 *
 *   php tests/unit/password_vectors.php class-phpass.php > tests/unit/password_vectors.json
 *
 * class-phpass.php is phpass as WordPress ships it (wp-includes, here of Debian's package wordpress 6.1.9);
 * PHP was 8.2.36. Of Drupal 7 the loop is written out here around phpass's encode64, and so is what
 * WordPress 6.8 and MODX do around PHP's own functions.
 */
require $argv[1];

$passwords = [
    'secret',
    'Correct Horse  Battery "Staple"',
    'Zoë Ñandú пароль 密码',
    str_repeat('🦊', 50),
    str_repeat('p', 72),
    " \tblanks around it ",
];
$phpass = new PasswordHash(8, true);
$rows = [];
$add = function (string $type, string $password, string $hash, ?string $salt = null, ?string $config = null)
    use (&$rows) {
    $rows[] = compact('type', 'password', 'hash', 'salt', 'config');
};

foreach ($passwords as $number => $password) {
    foreach (['md5', 'sha1', 'sha256'] as $digest) {
        $salt = substr(hash('sha256', "salt $number"), 0, 40);
        $add($digest, $password, hash($digest, $password));
        $add("{$digest}_salted_prefix", $password, hash($digest, $salt . $password), $salt, '40');
        $add("{$digest}_salted_suffix", $password, hash($digest, $password . $salt), $salt, '40');
    }
    $add('concrete5', $password, md5($password . ':' . 'PASSWORD_SALT of a site'), null, 'PASSWORD_SALT of a site');

    $add('bcrypt', $password, password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]), null, '4');
    $add('bcrypt', $password, crypt($password, '$2a$05$abcdefghijklmnopqrstuu'), null, '5');
    $add('craftcms', $password, password_hash($password, PASSWORD_DEFAULT, ['cost' => 5]), null, '5');

    $prehashed = base64_encode(hash_hmac('sha384', trim($password), 'wp-sha384', true));
    $made = '$wp' . password_hash($prehashed, PASSWORD_BCRYPT, ['cost' => 4]);
    $add('wordpress', $password, $made, null, '10');
    $add('phpass', $password, $made, null, '8');
    $add('wordpress', trim($password), $phpass->HashPassword(trim($password)));
    $add('wordpress', trim($password), password_hash(trim($password), PASSWORD_BCRYPT, ['cost' => 4]));

    $add('phpass', $password, $phpass->HashPassword($password), null, '8');
    $add('phpass', $password, $phpass->crypt_private($password, '$H$7ZYXwvu98'), null, '8');

    $setting = '$S$5AbCdEf./';
    $hash = hash('sha512', substr($setting, 4, 8) . $password, true);
    for ($count = 1 << 7; $count > 0; $count--) {
        $hash = hash('sha512', $hash . $password, true);
    }
    $add('drupal', $password, substr($setting . $phpass->encode64($hash, 64), 0, 55), null, '15');

    foreach ([['sha256', 1000, 32], ['sha1', 10, 20], ['sha512', 3, 100]] as [$digest, $iterations, $length]) {
        $salt = md5("salt $number");
        $key = hash_pbkdf2($digest, $password, $salt, $iterations, $length, true);
        $add('pbkdf2', $password, base64_encode($key), $salt, "$iterations, $length, $digest");
    }

    $options = ['memory_cost' => 64 << $number, 'time_cost' => 1 + $number, 'threads' => 1];
    $add('argon2id', $password, password_hash($password, PASSWORD_ARGON2ID, $options));
}

$line = fn (array $row): string => json_encode($row, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
echo "[\n", implode(",\n", array_map($line, $rows)), "\n]\n";
