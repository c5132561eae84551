"""The people of the sandbox: believable, made up, and the same on every machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who might shop: a name, an email and, mostly, an address."""

    first_name: str
    last_name: str
    email: str
    address1: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""


def _people(lines: str) -> tuple[Person, ...]:
    return tuple(Person(*line.strip().split("|")) for line in lines.strip().splitlines())


BOOKSHOP = _people("""
Ada|Okafor|ada.okafor@example.com|1840 Alder Street|Portland|OR|97205|US|+1 503 555 0142
Benjamín|Núñez|benja.nunez@example.com|Avenida Italia 1120|Santiago|RM|7500000|CL|+56 2 5550 1834
Chloé|Lefèvre|chloe.lefevre@example.fr|27 rue des Martyrs|Paris|IDF|75009|FR|+33 1 55 50 18 22
Дарья|Соколова|darya.sokolova@example.com|ул. Абая 48|Алматы||050000|KZ|+7 727 555 0177
Ελένη|Παπαδάκη|eleni.papadaki@example.gr|Ερμού 14|Αθήνα||105 63|GR|+30 21 0555 0133
Finnian|O'Shea|finnian.oshea@example.ie|3 Patrick Street|Cork|M|T12 W8KP|IE|+353 21 555 0190
Giulia|D'Amico|giulia.damico@example.it|Via Roma 8|Bologna|BO|40121|IT|+39 051 555 0111
花子|佐藤|hanako.sato@example.jp|神南1-19-11|渋谷区|13|150-0041|JP|+81 3 5550 0199
Ingrid|Sørensen|ingrid.sorensen@example.dk|Nørrebrogade 102|København||2200|DK|+45 55 50 01 84
José|García|jose.garcia@example.es|Calle Mayor 21|Madrid|MD|28013|ES|+34 91 555 01 20
Kwame|Mensah|kwame.mensah@example.com|12 Oxford Street|Accra|AA|GA-107|GH|+233 30 555 0166
Łucja|Wiśniewska|lucja.wisniewska@example.pl|ul. Długa 7|Kraków|12|31-147|PL|+48 12 555 01 44
Mei-Ling|陳|meiling.chen@example.com|信義路五段7號|台北市|TPE|110|TW|+886 2 5550 0187
نور|الهاشمي|noor.alhashimi@example.com|شارع الملك حسين 15|عمّان|AM|11118|JO|+962 6 555 0155
Olena|Шевченко|olena.shevchenko@example.com|вул. Хрещатик 22|Київ|30|01001|UA|+380 44 555 0171
Priya|शर्मा|priya.sharma@example.in|14 MG Road|Bengaluru|KA|560001|IN|+91 80 5550 0123
Quentin|Tarrant & Sons|orders@tarrant.example|9 "Old" Quay <rear>|Bristol|BST|BS1 4RW|GB|+44 117 555 0139
Rosa|Almeida|rosa.almeida@example.com.br|Rua Augusta 900|São Paulo|SP|01304-001|BR|+55 11 5550 0108
Sipho|Dlamini|sipho.dlamini@example.co.za|44 Long Street|Cape Town|WC|8001|ZA|+27 21 555 0163
Þóra|Jónsdóttir|thora.jonsdottir@example.is|Laugavegur 33|Reykjavík|1|101|IS|+354 555 0182
Uma|Tamm|uma.tamm@example.ee|Pikk 5|Tallinn|37|10123|EE|+372 555 0115
Vikram|Raghunathan|vikram.r@example.com|2210 Wilshire Blvd|Santa Monica|CA|90403|US|+1 310 555 0117
伟|王|wei.wang@example.cn|南京东路100号|上海|SH|200001|CN|+86 21 5550 0174
Ximena|Ortiz|ximena.ortiz@example.mx|Av. Insurgentes Sur 601|Ciudad de México|CMX|03810|MX|+52 55 5550 0126
Yael|לוי|yael.levi@example.com|רחוב הרצל 10|תל אביב|TA|6688101|IL|+972 3 555 0148
Zoë|van den Berg|zoe.vandenberg@example.nl|Prinsengracht 263|Amsterdam|NH|1016 GV|NL|+31 20 555 0159
Amara|Nwosu|amara.nwosu@example.com|500 Queen Street W|Toronto|ON|M5V 2B4|CA|+1 416 555 0136
Callum|Fraser|callum.fraser@example.com|18 Royal Mile|Edinburgh|EDH|EH1 2PB|GB|+44 131 555 0121
Dilnoza|Karimova|dilnoza.karimova@example.com
Emre|Yıldız|emre.yildiz@example.com
""")

OUTFITTER = _people("""
Astrid|Haugen|astrid.haugen@example.no|Storgata 12|Tromsø|55|9008|NO|+47 55 50 11 02
Bjørn|Nygård|bjorn.nygard@example.no|Kongens gate 4|Oslo|03|0153|NO|+47 55 50 11 17
Cecilie|Dahl|cecilie.dahl@example.no|Strandkaien 2|Bergen|46|5013|NO|+47 55 50 11 31
Daniel|Lindqvist|daniel.lindqvist@example.se|Kungsgatan 33|Göteborg|O|411 19|SE|+46 31 555 01 19
Eino|Mäkinen|eino.makinen@example.fi|Mannerheimintie 5|Helsinki|18|00100|FI|+358 9 555 0188
Freya|Johansen|freya.johansen@example.no|Kirkegata 9|Lillehammer|34|2609|NO|+47 55 50 11 45
Grete|Müller|grete.mueller@example.de|Schillerstraße 3|München|BY|80336|DE|+49 89 555 0106
Håkon|Lie|hakon.lie@example.no|Fjordveien 71|Ålesund|15|6003|NO|+47 55 50 11 58
Iris|Baltasar|iris.baltasar@example.is|Skólavörðustígur 8|Reykjavík|1|101|IS|+354 555 0128
Jonas|Sætre|jonas.saetre@example.no
Kari|Solberg|kari.solberg@example.no|Havnegata 1|Bodø|18|8006|NO|+47 55 50 11 64
Lars|Tveit|lars.tveit@example.no|Torget 6|Stavanger|11|4006|NO|+47 55 50 11 76
Maja|Novak|maja.novak@example.si|Trubarjeva 11|Ljubljana|061|1000|SI|+386 1 555 0151
Nils|Østby|nils.ostby@example.no|Parkveien 20|Trondheim|50|7014|NO|+47 55 50 11 83
Test|User|luke.stokes+apitest998@example.com|1 Other Way|Hamar|34|2317|NO|+47 55 50 11 90
""")
